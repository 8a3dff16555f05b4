"""How often something may be shown: at once when it is rare, seldom when it is much."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..timers import Scheduler, Timer

SHORTEST = 0.1
LONGEST = 0.6
QUIET = 1.0
RATE = 200_000
"""Characters a second that one view may send, on average, at a high rate of change."""


class Pace:
    """Calls `show` soon after `poke`, but not too often.

    Nothing is scheduled while nobody pokes. Between two calls lie `SHORTEST` seconds at first, and
    up to `LONGEST` when the pokes do not stop; more, if so much was shown that `RATE` asks for it.

    Args:
        scheduler: On whose thread `show` is called; never two calls at once.
        show: Returns about how many characters it has sent.
    """

    def __init__(self, scheduler: Scheduler, show: Callable[[], int]) -> None:
        self._scheduler = scheduler
        self._show = show
        self._interval = SHORTEST
        self._last = 0.0
        self._next = 0.0
        self._timer: Timer | None = None

    def poke(self) -> None:
        """There is something to be shown."""
        # Two threads may both see no timer: then it is shown twice, which does no harm.
        if self._timer is not None:
            return
        now = time.monotonic()
        if now - self._last > QUIET:
            self._interval = SHORTEST
        self._timer = self._scheduler.call_later(max(0.02, self._next - now), self._fire)

    def hurry(self) -> None:
        """Show it now: it is what people wait for."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        self._timer = self._scheduler.call_later(0, self._fire)

    def stop(self) -> None:
        """Show nothing that is not being shown already."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _fire(self) -> None:
        # Before it is shown: what comes during that asks for another time.
        self._timer = None
        sent = self._show()
        self._last = time.monotonic()
        self._next = self._last + max(self._interval, sent / RATE)
        self._interval = min(LONGEST, self._interval * 1.5)
