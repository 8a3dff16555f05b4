"""One thread that does, in order, what a cluster's messages give rise to.

A cluster's client calls back in the thread that serves its connection. A job's end may run anything
(a callback of the user's, the start of other jobs), which must not hold that connection up.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

from ..threads import ServiceThread

log = logging.getLogger(__name__)


class Post:
    """The thread; started when first needed."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: queue.SimpleQueue[tuple[Callable[..., object], Any] | None] = (
            queue.SimpleQueue()
        )
        # Guards the thread's start and end.
        self._lock = threading.Lock()
        self._thread: ServiceThread | None = None

    def put(self, call: Callable[..., object], *args: Any) -> None:
        """Have `call(*args)` called, after all that was put before."""
        self._calls.put((call, args))
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = ServiceThread(self._work, self._name)
                    self._thread.start()

    def close(self, timeout: float) -> None:
        """Do what has been put so far, within `timeout` seconds, and end the thread."""
        self._calls.put(None)
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def _work(self) -> None:
        while (taken := self._calls.get()) is not None:
            call, args = taken
            try:
                call(*args)
            except Exception:
                log.exception("nbjobs: a message from a cluster could not be dealt with")
            # Else they would be kept until the next message comes.
            del taken, call, args
