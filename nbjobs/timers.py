"""One thread that calls things later, and is not there when nothing is due."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

from .threads import ServiceThread

log = logging.getLogger(__name__)


class Timer:
    """One call to be made later; `cancel` takes it back."""

    __slots__ = ("_action", "due")

    def __init__(self, due: float, action: Callable[[], None]) -> None:
        self.due = due
        self._action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Do not make the call. Harmless when it was made already."""
        self._action = None

    def fire(self) -> None:
        """Make the call, unless it was cancelled; an error in it is logged."""
        action, self._action = self._action, None
        if action is None:
            return
        try:
            action()
        except Exception:
            log.exception("nbjobs: a timed call failed")


class Scheduler:
    """Calls functions at a given time on one thread of its own.

    The thread is started by the first call that is due and ends with the last; in between it
    sleeps until the next is due, so an idle scheduler costs no thread and no wake-up.

    Args:
        name: The thread's name.
        linger: How long, in seconds, the thread outlives its last call, so that a quick
            succession of calls does not start a thread for each. Default 0.5.
    """

    def __init__(self, name: str, linger: float = 0.5) -> None:
        self._name = name
        self._linger = linger
        # Guards everything below. Never held while a call is made.
        self._changed = threading.Condition(threading.Lock())
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._thread: ServiceThread | None = None

    def call_later(self, delay: float, action: Callable[[], None]) -> Timer:
        """Call `action` on the scheduler's thread, `delay` seconds from now.

        Returns:
            The timer, which can be cancelled.

        Raises:
            RuntimeError: The scheduler's thread cannot be started.
        """
        timer = Timer(time.monotonic() + delay, action)
        with self._changed:
            entry = (timer.due, next(self._order), timer)
            heapq.heappush(self._heap, entry)
            if self._thread is None:
                thread = ServiceThread(self._run, self._name)
                try:
                    thread.start()
                except RuntimeError:
                    self._heap.remove(entry)
                    heapq.heapify(self._heap)
                    raise
                self._thread = thread
            elif self._heap[0] is entry:
                self._changed.notify()
        return timer

    def join(self, timeout: float | None = None) -> None:
        """Wait until nothing is scheduled and the thread has ended; `timeout` in seconds."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def _run(self) -> None:
        while (timer := self._next()) is not None:
            timer.fire()

    def _next(self) -> Timer | None:
        last = time.monotonic() + self._linger
        with self._changed:
            while True:
                now = time.monotonic()
                if self._heap and self._heap[0][0] <= now:
                    return heapq.heappop(self._heap)[2]
                if self._heap:
                    self._changed.wait(self._heap[0][0] - now)
                elif now < last:
                    self._changed.wait(last - now)
                else:
                    # Said under the lock: a call scheduled from here on starts a new thread.
                    self._thread = None
                    return None
