"""Jobs in worker processes of this machine.

Each worker has a thread here that hands it jobs, takes in what it sends, and starts another when
it has died. Nothing is shared between workers, so one can be killed at any moment without harm to
the others, and exactly the one that runs the job.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import Any

from ..engines import EngineSettings
from ..exceptions import JobError
from ..job import Job
from ..remote import packing
from ..threads import ServiceThread
from ..workerprocess import conversation
from ..workerprocess.child import Child


class ProcessExecutor:
    """Runs each job in a worker process as soon as one is free."""

    name = "process"

    def __init__(self, settings: EngineSettings, on: Any) -> None:
        self._settings = settings
        # Guards what follows.
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Job, packing.Cargo]] = deque()
        self._news = threading.Condition(self._lock)
        self._idle = 0
        self._hands: set[threading.Thread] = set()
        self._closed = False

    @property
    def width(self) -> int:
        """How many workers there may be."""
        return self._settings.processes or os.cpu_count() or 1

    def start(self, job: Job) -> None:
        """Have `job` run by the next worker that is free."""
        try:
            # Now, not when a worker is free: in a loop that starts many, the names change.
            cargo = packing.cargo(job)
        except JobError as error:
            job.fail_to_start(error)
            return
        with self._lock:
            self._waiting.append((job, cargo))
            if self._idle >= len(self._waiting) or len(self._hands) >= self.width:
                self._news.notify()
                return
            thread = ServiceThread(self._work, "nbjobs-process")
            self._hands.add(thread)
        try:
            thread.start()
        except RuntimeError:
            # The caller is told that the job could not be started.
            with self._lock:
                self._hands.discard(thread)
                if (job, cargo) in self._waiting:
                    self._waiting.remove((job, cargo))
            raise

    def attend(self, job: Job) -> None:
        """Nothing is to be done: it runs elsewhere."""

    def close(self, timeout: float) -> None:
        """End all workers."""
        with self._lock:
            self._closed = True
            hands = list(self._hands)
            self._news.notify_all()
        for thread in hands:
            if thread is not threading.current_thread():
                thread.join(timeout)

    def _work(self) -> None:
        child: Child | None = None
        try:
            while (taken := self._next()) is not None:
                job, cargo = taken
                if job.state.finished:
                    continue
                child = conversation.hold(job, cargo, child)
                # Else they would be kept until the next job comes.
                del taken, job, cargo
        finally:
            if child is not None:
                child.close()
            with self._lock:
                self._hands.discard(threading.current_thread())

    def _next(self) -> tuple[Job, packing.Cargo] | None:
        with self._lock:
            self._idle += 1
            try:
                while not self._waiting:
                    if self._closed:
                        return None
                    self._news.wait()
                return self._waiting.popleft()
            finally:
                self._idle -= 1
