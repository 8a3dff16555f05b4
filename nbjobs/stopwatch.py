"""When a job was submitted, started and ended."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Stopwatch:
    """Three moments, taken from the clock that never jumps, told as durations and as dates."""

    __slots__ = ("_ended", "_started", "_submitted", "_wall")

    def __init__(self) -> None:
        self._wall = time.time()
        self._submitted = time.perf_counter()
        self._started: float | None = None
        self._ended: float | None = None

    def start(self) -> None:
        """The work begins now."""
        self._started = time.perf_counter()

    def stop(self) -> None:
        """The work ends now."""
        self._ended = time.perf_counter()

    @property
    def elapsed(self) -> float:
        """Seconds from start to end, or to now; 0.0 when nothing has started."""
        if self._started is None:
            return 0.0
        return (time.perf_counter() if self._ended is None else self._ended) - self._started

    @property
    def submitted(self) -> datetime:
        """When it was made."""
        return self._date(self._submitted)

    @property
    def started(self) -> datetime | None:
        """When its work began; None before."""
        return None if self._started is None else self._date(self._started)

    @property
    def ended(self) -> datetime | None:
        """When it ended; None before."""
        return None if self._ended is None else self._date(self._ended)

    def moments(self) -> tuple[float, float | None, float | None]:
        """When it was made, when its work began and when it ended, in seconds since 1970."""
        shift = self._wall - self._submitted
        started = None if self._started is None else self._started + shift
        ended = None if self._ended is None else self._ended + shift
        return self._wall, started, ended

    def _date(self, moment: float) -> datetime:
        return datetime.fromtimestamp(self._wall + moment - self._submitted, UTC).astimezone()
