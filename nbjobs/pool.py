"""A `concurrent.futures.Executor` whose calls are jobs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from .endings import Ending
from .exceptions import JobError
from .initializing import Initializer
from .job import Job
from .jobevents import Owner
from .lanes import Lane
from .optionchecks import check_count, check_name
from .task import Options, Task, function_task


class _Manager(Protocol):
    def start(
        self, task: Task, options: Options, kind: Callable[..., Job], *, lane: Lane
    ) -> Job: ...

    def discard(self, job: Job) -> None: ...


class PoolJob(Job):
    """A call of a `JobExecutor`."""

    __slots__ = ("_pool", "call_future")

    def __init__(
        self, num: int, task: Task, options: Options, owner: Owner, *, pool: JobExecutor, **_: bool
    ) -> None:
        super().__init__(num, task, options, owner)
        self._pool = pool
        #: Stays the same when the job is removed.
        self.call_future = self.future
        pool.entered(self)

    def _end(self, ending: Ending) -> bool:
        ended = super()._end(ending)
        if ended:
            self._pool.left(self)
        return ended


class JobExecutor(Executor):
    """Runs calls as jobs, so many at a time; made by `JobManager.executor`.

    Each call is a job as long as it has not ended: seen in the table, and to be killed there. When
    it has ended the job is removed, and its result is kept by the future alone.
    """

    def __init__(
        self,
        manager: _Manager,
        max_workers: int | None = None,
        name: str | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
    ) -> None:
        if max_workers is None:
            # As many as the standard library's own pool.
            max_workers = min(32, (os.cpu_count() or 1) + 4)
        elif isinstance(max_workers, int) and max_workers <= 0:
            # In its words, too.
            raise ValueError("max_workers must be greater than 0")
        check_count(max_workers, "max_workers", 1)
        check_name(name)
        self._initializer = None if initializer is None else Initializer(initializer, initargs)
        self._manager = manager
        self._make = partial(PoolJob, pool=self)
        self._lane = Lane(name, max_workers)
        # Guards what follows.
        self._lock = threading.Lock()
        self._jobs: dict[PoolJob, None] = {}
        self._closed = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have `fn(*args, **kwargs)` called; returns a future of its result.

        Raises:
            RuntimeError: The executor has been shut down, or its initializer has failed.
            TypeError: `fn` cannot be called.
        """
        task = function_task(fn, args, kwargs)
        if self._initializer is not None:
            self._initializer.check()
            task = replace(task, call=partial(self._initializer.run, task.call))
        try:
            job = self._manager.start(task, _SILENT, self._make, lane=self._lane)
        except JobError as error:
            # The standard library's word for it, which its users catch.
            raise RuntimeError(f"cannot schedule new futures: {error}") from error
        assert isinstance(job, PoolJob)
        return job.call_future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls.

        Args:
            wait: Return only when all calls have ended.
            cancel_futures: Cancel those that have not begun.
        """
        with self._lock:
            self._closed = True
            jobs = list(self._jobs)
        if cancel_futures:
            for job in reversed(jobs):
                job.cancel()
        if wait:
            _wait_for([job.call_future for job in jobs])

    # Its jobs' side.

    def entered(self, job: PoolJob) -> None:
        """A job has been made for a call.

        Raises:
            RuntimeError: The executor has been shut down.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self._jobs[job] = None

    def left(self, job: PoolJob) -> None:
        """A call has ended; its future knows how."""
        with self._lock:
            self._jobs.pop(job, None)
        self._manager.discard(job)


_SILENT = Options(silent=True)
_wait_for = wait
