"""A job's result as `concurrent.futures` and asyncio know it."""

from __future__ import annotations

import weakref
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from .endings import Ending
from .states import JobState

if TYPE_CHECKING:
    from .job import Job


class JobFuture(Future[Any]):
    """The future of one job; cancelling it cancels the job.

    Attributes:
        key: The key of Dask's task that the job is; None if it is none.
    """

    key: str | None = None

    def __init__(self, job: Job) -> None:
        super().__init__()
        # Weakly: else job and future would keep each other, and the result, until a collection.
        self._job = weakref.ref(job)

    def cancel(self) -> bool:
        """Cancel the job if it has not started; True if it will not run."""
        job = self._job()
        return job is not None and (job.cancel() or job.state is JobState.CANCELLED)

    def complete(self, ending: Ending) -> None:
        """Wake all who wait."""
        if ending.state is JobState.CANCELLED:
            super().cancel()
            self.set_running_or_notify_cancel()
        elif ending.error is None:
            self.set_result(ending.value)
        else:
            self.set_exception(ending.raisable)
