"""A `time.sleep` that a kill can end.

The interpreter goes on with a sleep whatever is injected into the thread. In a thread that runs a
gate's call, `time.sleep` therefore waits for the gate's alarm, a lock, and the kill releases that.
In every other thread the call goes through to the original.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from threading import TIMEOUT_MAX, get_ident
from typing import Any

from ..patches import Patch
from .gate import Gate, running
from .shields import checkpoint

builtin_sleep = time.sleep


def _wrap_sleep(original: Callable[[Any], None], patch: Patch) -> Callable[[Any], None]:
    # Named as the original, so that `time.sleep` can be pickled as an argument.
    @functools.wraps(original)
    def sleep(seconds: Any, /) -> None:
        gate = running.get(get_ident())
        if gate is None or not patch.active:
            return original(seconds)
        # Zero, nonsense and eternity are the original's business, its errors included.
        if not isinstance(seconds, int | float) or not 0 < seconds < TIMEOUT_MAX:
            checkpoint()
            return original(seconds)
        _sleep_until(gate, time.monotonic() + seconds, original)
        return None

    return sleep


def _sleep_until(gate: Gate, end: float, original: Callable[[Any], None]) -> None:
    checkpoint()
    if gate.alarm.acquire(timeout=max(0.0, end - time.monotonic())):
        # The kill rang. Where it does not apply, in a shield or in cleanup, sleep on.
        checkpoint()
        rest = end - time.monotonic()
        if rest > 0:
            original(rest)


patch = Patch(time, "sleep", _wrap_sleep)
