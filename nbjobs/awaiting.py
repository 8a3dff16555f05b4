"""Waiting for a job from within another, without waiting for ever."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from .context import current
from .resultreader import ResultReader

if TYPE_CHECKING:
    from .job import Job


class Awaited(ResultReader):
    """Reads results as `ResultReader` does, but refuses a wait that could never end."""

    __slots__ = ()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended, or for `timeout` seconds; True if it has ended.

        Raises:
            DependencyCycle: Called in a job that this one cannot end before, without a timeout.
        """
        waiter: Job | None = current.get()
        if waiter is None or timeout is not None or self.state.finished:
            return super().wait(timeout)
        if threading.get_ident() != waiter.ident:
            # A thread that the job has started: the job itself may go on meanwhile.
            return super().wait(timeout)
        # Said before the check: of two jobs that wait for each other, one sees the other.
        waiter.awaits = self
        try:
            self._owner.check_wait(waiter, self)  # type: ignore[arg-type]  # Job's own mixin.
            return super().wait(timeout)
        finally:
            waiter.awaits = None
