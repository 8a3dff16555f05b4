"""What a thread sleeps by: without a timeout until something happens, then a little longer."""

from __future__ import annotations

import threading
from contextlib import suppress


class Alarm:
    """Wakes one thread.

    Made of two bare locks that are held while nothing has happened. Unlike an `Event`, they may be
    rung by a `__del__` that comes in the middle of ringing them.

    Args:
        window: How long, in seconds, to go on sleeping after the first ring, for more to come.
    """

    def __init__(self, window: float) -> None:
        self._window = window
        self._bell = threading.Lock()
        self._bell.acquire()
        self._hurry = threading.Lock()
        self._hurry.acquire()

    def ring(self) -> None:
        """Something has happened."""
        if self._bell.locked():
            # Between the two somebody else may have rung.
            with suppress(RuntimeError):
                self._bell.release()

    def hasten(self) -> None:
        """Somebody waits for the thread: it is not to go on sleeping."""
        if self._hurry.locked():
            with suppress(RuntimeError):
                self._hurry.release()
        self.ring()

    def sleep(self, timeout: float | None) -> None:
        """Sleep until it rings, or for `timeout` seconds, and then until the window is over.

        What rings after that is for the next time.
        """
        self._bell.acquire(timeout=-1 if timeout is None else timeout)
        self._hurry.acquire(timeout=self._window)
        self._bell.acquire(blocking=False)
