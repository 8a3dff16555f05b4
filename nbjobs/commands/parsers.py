"""What the command's verbs take; the verbs themselves are imported when one is used."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from ..journal.query import add_query

_MODULES = {
    "ls": "looking", "show": "looking", "tail": "looking",
    "kill": "acting", "wait": "acting", "prune": "acting",
}  # fmt: skip


def declare(commands: Any) -> None:
    """Add the verbs to a parser's subparsers."""
    listing = _verb(commands, "ls", "list the jobs of this session and of earlier ones")
    add_query(listing)
    listing.add_argument(
        "-l", "--limit", type=_count, default=20, metavar="N", help="at most so many (default: 20)"
    )
    listing.add_argument("--json", action="store_true", help="as JSON")

    showing = _verb(commands, "show", "show a job: its source, output and traceback")
    _add_id(showing)
    showing.add_argument("--json", action="store_true", help="as JSON, with all outputs")

    tail = _verb(commands, "tail", "print the end of a job's output")
    _add_id(tail)
    tail.add_argument("-f", "--follow", action="store_true", help="go on until the job has ended")
    tail.add_argument(
        "-n", "--lines", type=_count, default=10, metavar="N", help="how many (default: 10)"
    )

    kill = _verb(commands, "kill", "kill jobs, in whatever kernels of yours they run")
    _add_ids(kill)
    kill.add_argument(
        "--grace", type=_seconds, default=5.0, metavar="SECONDS",
        help="how long to wait for the end of each (default: 5)",
    )  # fmt: skip
    kill.add_argument("--force", action="store_true", help="even where that may do harm")

    wait = _verb(commands, "wait", "wait until jobs have ended; the exit code says how")
    _add_ids(wait)
    wait.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="give up after so long")

    prune = _verb(commands, "prune", "delete old jobs from the journal")
    prune.add_argument(
        "--days", type=_seconds, default=90.0, metavar="N",
        help="those older than so many days (default: 90)",
    )  # fmt: skip
    prune.add_argument(
        "--size", type=_seconds, default=512.0, metavar="MB",
        help="the oldest, until the rest takes no more than so much (default: 512)",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked, and return the exit code."""
    module = import_module(f"{__package__}.{_MODULES[arguments.command]}")
    verb: Callable[[argparse.Namespace], int] = getattr(module, arguments.command)
    code = int(verb(arguments))
    # Here, and not when the interpreter ends: a reader that has gone away can still be told from
    # a fault.
    sys.stdout.flush()
    return code


def _verb(commands: Any, name: str, what: str) -> Any:
    parser = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--profile", default="default", metavar="NAME", help="of that profile")
    place.add_argument("--journal", metavar="FILE", help="the journal's file")
    return parser


def _add_id(parser: Any) -> None:
    parser.add_argument("id", type=int, metavar="ID", help="its number in the journal: nbjobs ls")


def _add_ids(parser: Any) -> None:
    parser.add_argument("ids", type=int, nargs="+", metavar="ID", help="numbers in the journal")


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must not be negative: {text}")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number from 0: {text}")
    return value


# Named in argparse's messages.
_count.__name__ = _seconds.__name__ = "number"
