"""The ways to a job's result: now, later, in a coroutine, or as a traceback."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .endings import Ending
from .exceptions import JobTimeout
from .resultref import ResultRef

if TYPE_CHECKING:
    from .jobevents import Owner
    from .jobfuture import JobFuture
    from .states import JobState


class ResultReader:
    """What is read of a job that has ended, or will; nothing is held here."""

    __slots__ = ()

    if TYPE_CHECKING:
        num: int
        future: JobFuture
        _ending: Ending | None
        _owner: Owner

        @property
        def state(self) -> JobState: ...

        def summary(self, width: int = 60) -> str: ...

        def notice(self) -> None: ...

        def _ended(self) -> Ending: ...

    @property
    def ending(self) -> Ending | None:
        """How it ended, with all that it came to; None before. Asking is not noticing."""
        return self._ending

    @property
    def result(self) -> Any:
        """What the work returned.

        Raises:
            JobNotFinished: It has not ended; `get` waits for it.
            JobKilled, JobTimeout, JobCancelled, JobSkipped: It ended that way.
            JobError: It ended with SystemExit, KeyboardInterrupt or GeneratorExit.
            Exception: Its own error, with the traceback of where it was raised.
        """
        return self._ended().read()

    @property
    def exception(self) -> BaseException | None:
        """The error that ended it; None if it succeeded.

        Raises:
            JobNotFinished: It has not ended.
        """
        return self._ended().error

    def get(self, timeout: float | None = None) -> Any:
        """Wait for the result and return it, or raise as `result` does.

        Interrupting the wait leaves the job running.

        Args:
            timeout: The longest wait in seconds; None for no limit.

        Raises:
            JobTimeout: It has not ended in that time, and goes on running; or its result, which is
                on a cluster, has not come.
        """
        end = None if timeout is None else time.monotonic() + timeout
        if not self.wait(timeout):
            raise JobTimeout(f"job {self.num} has not ended within {timeout} s, and goes on")
        return self._ended().read(None if end is None else max(0.0, end - time.monotonic()))

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended, or for `timeout` seconds; True if it has ended."""
        with suppress(TimeoutError, CancelledError):
            self.future.wait(timeout)
        return self.state.finished

    def ready(self) -> bool:
        """Whether it has ended."""
        return self.state.finished

    def successful(self) -> bool:
        """Whether it ended with a result.

        Raises:
            JobNotFinished: It has not ended.
        """
        return self._ended().error is None

    def __await__(self) -> Generator[Any, None, Any]:
        """Wait for the result in a coroutine; cancelling that wait leaves the job running."""
        return self._get_async().__await__()

    async def _get_async(self) -> Any:
        await self.end_async()
        ending = self._ended()
        if isinstance(ending.value, ResultRef) and not ending.value.near:
            # Not awaited itself: a cancelled wait would cancel it for all who read.
            await asyncio.wait([asyncio.wrap_future(ending.value.bring())])
        return ending.read()

    async def end_async(self) -> None:
        """Wait in a coroutine until it has ended, in whatever way."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()

        def wake() -> None:
            if not ended.done():
                ended.set_result(None)

        def tell(_: object) -> None:
            with suppress(RuntimeError):  # The loop was closed: nobody waits any more.
                loop.call_soon_threadsafe(wake)

        self.future.add_done_callback(tell)
        await ended

    def traceback(self) -> None:
        """Print the traceback of a job that died; say so if there is none."""
        self.notice()
        print(self._tb or f"Job {self.num} has no traceback: {self.summary()}.")

    @property
    def _tb(self) -> str | None:
        """The traceback as text, under upstream's name."""
        ending = self._ending
        if ending is None or ending.error is None:
            return None
        return self._owner.format_error(ending.error.with_traceback(ending.trace))
