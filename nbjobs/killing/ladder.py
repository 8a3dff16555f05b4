"""The steps that end a call, as pauses between them.

One step never blocks its thread for more than a few milliseconds: all kills share it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from .gate import CLOSED, Gate
from .interrupt import interrupt
from .settings import settings
from .unwinding import unwinding

#: Between looks for a safe point, as long as those are close together.
_GLIMPSE = 0.0002


def climb(gate: Gate) -> Iterator[float]:
    """Try to end the gate's call; gives the pauses, in seconds, to make between the tries."""
    asked = time.monotonic()
    pause = settings.first_pause
    sought_since = asked
    while gate.phase != CLOSED:
        now = time.monotonic()
        if gate.shielded:
            if now - asked > settings.shield_limit:
                gate.unshielded = True
                continue
        elif gate.forced or not unwinding(gate):
            if interrupt(gate):
                sought_since = time.monotonic()
            elif now - sought_since < settings.deferral:
                yield _GLIMPSE
                continue
        yield pause
        pause = min(pause * settings.growth, settings.last_pause)
