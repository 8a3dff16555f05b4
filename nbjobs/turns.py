"""Calls that lead to further calls, made one after the other instead of one inside the other."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable


class Turns:
    """Makes calls in the calling thread; those that they bring about come after them.

    The end of one job can end the next, and so on: a chain of ten thousand would be too deep for
    the stack.
    """

    def __init__(self) -> None:
        self._local = threading.local()

    def take(self, calls: Iterable[Callable[[], object]]) -> None:
        """Make the calls, now or, inside a call made by this very method, soon."""
        waiting: deque[Callable[[], object]] | None = getattr(self._local, "waiting", None)
        if waiting is not None:
            waiting.extend(calls)
            return
        waiting = self._local.waiting = deque(calls)
        try:
            while waiting:
                waiting.popleft()()
        finally:
            del self._local.waiting
