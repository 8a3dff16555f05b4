"""Jobs in threads of this process.

Threads are kept for a while after their job and used again, which is several times faster than
starting one for each. A parked thread waits on a lock of its own; the executor holds it in a dict
whose single operations are atomic. Whoever takes it out of there decides what comes next: a
submitter that pops it hands it a job, the thread itself, when its patience is over, ends. So none
is handed a job it will not run, and an idle process soon has no thread of ours.
"""

from __future__ import annotations

import threading
import time
import weakref

from .. import inheritance, killing, processgroups
from ..job import Job
from ..threadrun import run_here
from ..threads import ServiceThread

PATIENCE = 5.0
"""How long, in seconds, a thread waits for its next job before it ends."""


class _Worker:
    """One thread and the slot through which it gets its next job."""

    __slots__ = ("_executor", "_job", "_wake", "thread")

    def __init__(self, executor: ThreadExecutor, job: Job) -> None:
        self._executor = executor
        self._job: Job | None = job
        self._wake = threading.Lock()
        self._wake.acquire()
        self.thread = ServiceThread(self._work, "nbjobs-thread")
        self.thread.start()

    def hand(self, job: Job | None) -> None:
        """Give the parked thread a job; None ends it. Only for who took it out of the dict."""
        self._job = job
        self._wake.release()

    def _work(self) -> None:
        while self._job is not None:
            job, self._job = self._job, None
            self.thread.name = f"nbjobs-job-{job.num}"
            run_here(job)
            del job
            self.thread.name = "nbjobs-idle"
            if not self._executor.park(self):
                return
            if not self._wake.acquire(timeout=PATIENCE):
                if self._executor.unpark(self):
                    return
                # Taken out in the very moment the patience was over: the job is on its way.
                self._wake.acquire()


class ThreadExecutor:
    """Runs each job at once in a thread of its own."""

    name = "thread"

    def __init__(self) -> None:
        self._idle: dict[_Worker, None] = {}
        self._threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
        self._closed = False
        killing.install()
        inheritance.install()
        processgroups.install()

    def start(self, job: Job) -> None:
        """Run `job` in a parked thread, or in a new one.

        Raises:
            RuntimeError: There is no parked thread, and no new one can be started.
        """
        try:
            # The one parked last: its memory is warm, and the others get to the end of their
            # patience.
            worker, _ = self._idle.popitem()
        except KeyError:
            self._threads.add(_Worker(self, job).thread)
        else:
            worker.hand(job)

    def attend(self, job: Job) -> None:
        """Nothing is to be done: it runs elsewhere."""

    def park(self, worker: _Worker) -> bool:
        """Keep `worker` for a later job; False if it is to end."""
        self._idle[worker] = None
        # Looked at after the worker is in: else close() could miss it.
        return not (self._closed and self.unpark(worker))

    def unpark(self, worker: _Worker) -> bool:
        """Take `worker` out again; False if somebody else has."""
        try:
            del self._idle[worker]
        except KeyError:
            return False
        return True

    def close(self, timeout: float) -> None:
        """End all parked threads, and those that run when their jobs have ended.

        Args:
            timeout: How long to wait for them, in seconds. The jobs must have been killed.
        """
        if self._closed:
            return
        self._closed = True
        end = time.monotonic() + timeout
        while self._idle:
            try:
                worker, _ = self._idle.popitem()
            except KeyError:
                break
            worker.hand(None)
        for thread in list(self._threads):
            if thread is not threading.current_thread():
                thread.join(max(0.0, end - time.monotonic()))
        processgroups.uninstall()
        inheritance.uninstall()
        killing.uninstall()
