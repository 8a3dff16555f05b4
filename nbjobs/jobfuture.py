"""A job's result as `concurrent.futures` and asyncio know it."""

from __future__ import annotations

import time
import weakref
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from . import resultref
from .endings import Ending
from .exceptions import JobError, JobTimeout
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

    def result(self, timeout: float | None = None) -> Any:
        """The job's result; one that is elsewhere is brought here.

        Raises:
            TimeoutError: It is not here within `timeout` seconds.
            CancelledError: The job was cancelled.
            Exception: What ended the job; or a JobError: its result is lost.
        """
        end = None if timeout is None else time.monotonic() + timeout
        value = super().result(timeout)
        return resultref.read(value, None if end is None else max(0.0, end - time.monotonic()))

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What `result` would raise; None if it would return.

        So this, too, brings a result that is elsewhere: `asyncio.wrap_future` and the like ask it
        first, and rely on `result` afterwards. `Job.exception` only tells how the job ended.
        """
        end = None if timeout is None else time.monotonic() + timeout
        error = super().exception(timeout)
        if error is not None:
            return error
        try:
            self.result(None if end is None else max(0.0, end - time.monotonic()))
        except JobTimeout:
            raise
        except JobError as lost:
            return lost
        return None

    def wait(self, timeout: float | None) -> None:
        """Wait for the job's end; no result is brought here.

        Raises:
            TimeoutError: It has not ended within `timeout` seconds.
            CancelledError: It was cancelled.
        """
        super().exception(timeout)

    def complete(self, ending: Ending) -> None:
        """Wake all who wait."""
        if ending.state is JobState.CANCELLED:
            super().cancel()
            self.set_running_or_notify_cancel()
        elif ending.error is None:
            self.set_result(ending.value)
        else:
            self.set_exception(ending.raisable)
