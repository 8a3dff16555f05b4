"""A `Thread.join` that a kill can end.

The wait for a thread's end cannot be cut from outside. In a thread that runs a gate's call, it is
therefore made in slices, and between two of them the kill takes effect. A join still returns as
soon as the thread has ended; the price is a few wake-ups a second for each thread that joins.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from ..patches import Patch
from .gate import running
from .shields import checkpoint

_FIRST_SLICE = 0.001
_LAST_SLICE = 0.05


def _wrap_join(original: Callable[..., None], patch: Patch) -> Callable[..., None]:
    def join(self: threading.Thread, timeout: Any = None) -> None:
        gated = threading.get_ident() in running and patch.active
        # Nonsense is the original's business, its errors included.
        if not gated or not (timeout is None or (isinstance(timeout, int | float) and timeout > 0)):
            return original(self, timeout)
        end = None if timeout is None else time.monotonic() + timeout
        pause = _FIRST_SLICE
        while True:
            checkpoint()
            rest = pause if end is None else min(pause, end - time.monotonic())
            original(self, max(rest, 0))
            if not self.is_alive() or (end is not None and time.monotonic() >= end):
                return None
            pause = min(2 * pause, _LAST_SLICE)

    join.__doc__ = original.__doc__
    return join


patch = Patch(threading.Thread, "join", _wrap_join)
