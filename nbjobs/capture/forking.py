"""A job that forks: its child must not print once more what others have printed.

A stream keeps text for a while before it sends it. A child has a copy of what waits in it, and
would send that with its own first line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from ..context import current
from .streams import Routed

_active = False
_watching = False


def install() -> Callable[[], None]:
    """Have jobs fork with empty streams.

    Returns:
        The function that undoes it.
    """
    global _active, _watching
    _active = True
    # There is no way to unregister it.
    if not _watching and hasattr(os, "register_at_fork"):
        _watching = True
        os.register_at_fork(before=_send_what_waits)

    def undo() -> None:
        global _active
        _active = False

    return undo


def _send_what_waits() -> None:
    if not _active or current.get() is None:
        return
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, Routed):
            stream.nbjobs_own_flush()
