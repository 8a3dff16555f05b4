"""prompt_toolkit's stand-in for `sys.stdout`, which is in place while a prompt waits."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from .patches import Patches
from .streams import proxied


def install(patches: Patches) -> None:
    """Have the streams that a prompt puts into `sys` send job text to jobs, too."""
    terminal: Any = sys.modules.get("IPython.terminal.interactiveshell")
    if terminal is None:
        return
    own = terminal.patch_stdout

    @contextlib.contextmanager
    def patch_stdout(*args: Any, **options: Any) -> Iterator[None]:
        with own(*args, **options):
            if not patches.active:
                yield
                return
            before = sys.stdout, sys.stderr
            sys.stdout, sys.stderr = proxied(sys.stdout, "stdout"), proxied(sys.stderr, "stderr")
            try:
                yield
            finally:
                sys.stdout, sys.stderr = before

    patches.replace(terminal, "patch_stdout", patch_stdout)
