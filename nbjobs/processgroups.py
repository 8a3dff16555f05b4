"""A Ctrl-C at the prompt ends what runs at the prompt, not what a job has started.

A terminal, and Jupyter likewise, sends the interrupt to the whole process group, so the programs
that a job runs would die of it, and the job with them. While installed, `subprocess.Popen` gives a
program that a job starts a process group of its own, unless the caller says otherwise. What goes
round `Popen`, as `os.system` does, is not helped.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

from .context import current
from .patches import Patch

_ASKED = ("process_group", "start_new_session", "preexec_fn", "creationflags")


def _wrap(original: Callable[..., None], patch: Patch) -> Callable[..., None]:
    def __init__(self: Any, *args: Any, **options: Any) -> None:  # noqa: N807
        if patch.active and current.get() is not None and not any(map(options.get, _ASKED)):
            options.setdefault("process_group", 0)
        original(self, *args, **options)

    __init__.__wrapped__ = original  # type: ignore[attr-defined]
    __init__.__doc__ = original.__doc__
    return __init__


_popen = Patch(subprocess.Popen, "__init__", _wrap)


def install() -> None:
    """Begin; counted."""
    if sys.platform != "win32":
        _popen.apply()


def uninstall() -> None:
    """End, with the last of as many calls as there were to `install`."""
    if sys.platform != "win32":
        _popen.remove()
