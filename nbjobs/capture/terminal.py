"""prompt_toolkit's stand-in for `sys.stdout`, which is in place while a prompt waits."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from ..patches import Patches
from .streams import Proxy, proxied


def install(patches: Patches, shell: Any) -> None:
    """Have the streams that a prompt puts into `sys` send job text to jobs, too."""
    terminal: Any = sys.modules.get("IPython.terminal.interactiveshell")
    if terminal is None:
        return
    own = terminal.patch_stdout

    @contextlib.contextmanager
    def patch_stdout(*args: Any, **options: Any) -> Iterator[None]:
        if not patches.active:
            with own(*args, **options):
                yield
            return
        with contextlib.ExitStack() as prompt:
            # Under its lock, so that no line of a job is on its way to the stream that is replaced:
            # it would come into the middle of the prompt, or be lost when the prompt has gone.
            with _lock_of(sys.stdout):
                prompt.enter_context(own(*args, **options))
                theirs = sys.stdout, sys.stderr
                sys.stdout, sys.stderr = proxied(theirs[0], "stdout"), proxied(theirs[1], "stderr")
            try:
                yield
            finally:
                with _lock_of(sys.stdout):
                    sys.stdout, sys.stderr = theirs

    patches.replace(terminal, "patch_stdout", patch_stdout)
    _output_prompt(patches, shell.displayhook)


def _output_prompt(patches: Patches, displayhook: Any) -> None:
    own = displayhook.write_output_prompt

    def write_output_prompt() -> None:
        # `Out[1]: ` goes to the terminal directly; the value after it goes through our stream.
        if patches.active and isinstance(sys.stdout, Proxy):
            sys.stdout.nbjobs_begin_line()
        own()

    patches.replace(displayhook, "write_output_prompt", write_output_prompt)


def _lock_of(stream: Any) -> AbstractContextManager[Any]:
    return stream.nbjobs_lock if isinstance(stream, Proxy) else contextlib.nullcontext()
