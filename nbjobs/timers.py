"""One thread that calls things later, and is not there when nothing is due."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
import weakref
from collections.abc import Callable

from .threads import ServiceThread

log = logging.getLogger(__name__)


_schedulers: weakref.WeakSet[Scheduler] = weakref.WeakSet()
_ending = False
"""Whether the interpreter is about to end, so that no thread can be started any more."""


def start_no_more_threads() -> None:
    """From now on calls are only made by `run_here`, and by threads that are there already.

    For the interpreter's end: since Python 3.12 no thread can be started then, not even by what
    runs at exit, and somebody must see the kills through.
    """
    global _ending
    _ending = True


def run_here(timeout: float, until: Callable[[], bool]) -> None:
    """Make the calls of all schedulers in this thread.

    Args:
        timeout: How long, in seconds, at most.
        until: Asked after each round whether it is enough.
    """
    end = time.monotonic() + timeout
    while not until() and (left := end - time.monotonic()) > 0:
        pause = min([scheduler.run_due() for scheduler in _schedulers], default=left)
        # Not until the next call is due: what `until` waits for may happen without one.
        time.sleep(max(0.0, min(pause, left, 0.005)))


class Timer:
    """One call to be made later; `cancel` takes it back."""

    __slots__ = ("_action", "_scheduler", "due")

    def __init__(self, scheduler: Scheduler, due: float, action: Callable[[], None]) -> None:
        self.due = due
        self._scheduler = scheduler
        self._action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Do not make the call. Harmless when it was made already."""
        if self.take() is not None:
            self._scheduler.forget_one()

    def take(self) -> Callable[[], None] | None:
        """The call, to whoever comes first; None to everybody after."""
        with self._scheduler.changed:
            action, self._action = self._action, None
        return action

    def run(self) -> None:
        """Make the call, if it is still to be made; an error in it is logged."""
        action = self.take()
        if action is None:
            return
        try:
            action()
        except Exception:
            log.exception("nbjobs: a timed call failed")

    @property
    def cancelled(self) -> bool:
        """Whether nothing is to be done any more."""
        return self._action is None


class Scheduler:
    """Calls functions at a given time on one thread of its own.

    The thread is started by the first call that is due and ends with the last; in between it
    sleeps until the next is due, so an idle scheduler costs no thread and no wake-up.

    Args:
        name: The thread's name.
        linger: How long, in seconds, the thread outlives its last call, so that a quick
            succession of calls does not start a thread for each. Default 0.1.
    """

    def __init__(self, name: str, linger: float = 0.1) -> None:
        self._name = name
        self._linger = linger
        # Guards everything below. Never held while a call is made.
        self.changed = threading.Condition(threading.Lock())
        _schedulers.add(self)
        self._heap: list[tuple[float, int, Timer]] = []
        self._dead = 0  # How many in the heap have been cancelled.
        self._order = itertools.count()
        self._thread: ServiceThread | None = None

    def call_later(self, delay: float, action: Callable[[], None]) -> Timer:
        """Call `action` on the scheduler's thread, `delay` seconds from now.

        Returns:
            The timer, which can be cancelled.

        Raises:
            RuntimeError: The scheduler's thread cannot be started.
        """
        timer = Timer(self, time.monotonic() + delay, action)
        with self.changed:
            entry = (timer.due, next(self._order), timer)
            heapq.heappush(self._heap, entry)
            if self._thread is None and not _ending:
                thread = ServiceThread(self._run, self._name)
                try:
                    thread.start()
                except RuntimeError:
                    self._heap.remove(entry)
                    heapq.heapify(self._heap)
                    raise
                self._thread = thread
            elif self._heap[0] is entry:
                # The thread sleeps until something that is due later.
                self.changed.notify()
        return timer

    def forget_one(self) -> None:
        """One call has been cancelled; for `Timer`."""
        with self.changed:
            self._dead += 1
            # Not one by one: that would cost a wake-up for each job that ends within its limit.
            if self._dead * 2 > len(self._heap):
                self._heap = [entry for entry in self._heap if not entry[2].cancelled]
                heapq.heapify(self._heap)
                self._dead = 0
                if not self._heap:
                    self.changed.notify()

    def run_due(self) -> float:
        """Make the calls that are due in this thread; returns the seconds until the next one."""
        while (timer := self._pop_due()) is not None:
            timer.run()
        with self.changed:
            return self._heap[0][0] - time.monotonic() if self._heap else float("inf")

    def join(self, timeout: float | None = None) -> None:
        """Wait until nothing is scheduled and the thread has ended; `timeout` in seconds."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def _run(self) -> None:
        while (timer := self._next()) is not None:
            timer.run()

    def _pop_due(self) -> Timer | None:
        with self.changed:
            if self._heap and self._heap[0][0] <= time.monotonic():
                return heapq.heappop(self._heap)[2]
        return None

    def _next(self) -> Timer | None:
        last = time.monotonic() + self._linger
        with self.changed:
            while True:
                now = time.monotonic()
                if self._heap and self._heap[0][0] <= now:
                    return heapq.heappop(self._heap)[2]
                if self._heap:
                    self.changed.wait(self._heap[0][0] - now)
                elif now < last:
                    self.changed.wait(last - now)
                else:
                    # Said under the lock: a call scheduled from here on starts a new thread.
                    self._thread = None
                    return None
