"""The `nbjobs` command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from .commands.codes import MEANINGS, code_for
from .commands.parsers import declare, run
from .exceptions import JobError

INTERRUPTED = 130
"""The exit code after Ctrl-C, as of all that a signal ends."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: Its arguments; those of the process if None.

    Returns:
        The exit code; see `commands.codes`.
    """
    parser = argparse.ArgumentParser(
        prog="nbjobs",
        description="Background jobs for IPython and Jupyter.",
        epilog=MEANINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"nbjobs {version('nbjobs')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser(
        "demo",
        help="show the main job: fetch page titles from a local server in the background",
        description="Starts a small web server on this machine, and a real IPython shell that "
        "fetches page titles from it in background jobs, kills one of them, and times a pool "
        "of jobs beside the same work one page after the other. Ends by itself in some seconds.",
    )
    demo.add_argument(
        "--pages", type=pages, default=80, metavar="N", help="how many pages (default: 80)"
    )
    demo.add_argument(
        "--latency",
        type=latency,
        default=0.05,
        metavar="SECONDS",
        help="how long the server takes for each (default: 0.05)",
    )
    declare(commands)
    arguments = parser.parse_args(argv)
    if arguments.command != "demo":
        try:
            return run(arguments)
        except (JobError, ValueError) as error:
            print(f"nbjobs: {error}", file=sys.stderr)
            return int(code_for(error))
        except KeyboardInterrupt:
            return INTERRUPTED
        except BrokenPipeError:
            # Its reader has seen enough, as in `nbjobs ls | head`. The interpreter must not try
            # to write the rest when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0

    from . import demo as demonstration

    return demonstration.run(arguments.pages, arguments.latency)


def pages(text: str) -> int:
    """How many pages; argparse names it in its messages."""
    return int(_bounded(float(int(text)), 8, 400))


def latency(text: str) -> float:
    """How long each takes; argparse names it in its messages."""
    return _bounded(float(text), 0.0, 0.2)


def _bounded(value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"must be from {low:g} to {high:g}, not {value:g}")
    return value
