"""Waiting for several jobs: for all of them, for each as it ends, in threads and coroutines."""

from __future__ import annotations

import asyncio
import concurrent.futures
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .exceptions import JobTimeout
from .job import Job
from .registry import Key
from .text import plural

if TYPE_CHECKING:
    from concurrent.futures import Future
    from typing import Any


class Waits:
    """The waits of a manager; nothing is held here. Interrupting one leaves the jobs running."""

    if TYPE_CHECKING:

        def __iter__(self) -> Iterator[Job]: ...

        def select(self, *which: Key) -> list[Job]: ...

    def wait(self, *which: Key, timeout: float | None = None) -> bool:
        """Wait until jobs have ended; interrupting the wait leaves them running.

        Args:
            *which: Numbers, names, jobs or ranges; all jobs if none is given.
            timeout: The longest wait in seconds; None for no limit.

        Returns:
            Whether all of them have ended.
        """
        return self._wait(self._chosen(which), timeout)

    def as_completed(self, *which: Key, timeout: float | None = None) -> Iterator[Job]:
        """Give jobs as they end, those that have ended already first.

        Args:
            *which: Numbers, names, jobs or ranges; all jobs there are now if none is given.
            timeout: The longest time for all of them in seconds; None for no limit.

        Raises:
            JobTimeout: They have not all ended in that time. They go on running.
        """
        jobs: dict[Future[Any], Job] = {job.future: job for job in self._chosen(which)}
        return _as_completed(jobs, timeout)

    async def wait_async(self, *which: Key, timeout: float | None = None) -> bool:
        """Wait as `wait` does, in a coroutine; cancelling it leaves the jobs running.

        Args:
            *which: Numbers, names, jobs or ranges; all jobs if none is given.
            timeout: The longest wait in seconds; None for no limit.

        Returns:
            Whether all of them have ended.
        """
        jobs = self._chosen(which)
        ends = [asyncio.ensure_future(job.end_async()) for job in jobs if not job.state.finished]
        try:
            if ends:
                await asyncio.wait(ends, timeout=timeout)
        finally:
            for end in ends:
                end.cancel()
        return all(job.state.finished for job in jobs)

    def _chosen(self, which: tuple[Key, ...]) -> list[Job]:
        return self.select(*which) if which else list(self)

    def _wait(self, jobs: Iterable[Job], timeout: float | None) -> bool:
        end = None if timeout is None else time.monotonic() + timeout
        ended = True
        for job in jobs:
            ended = job.wait(None if end is None else max(0.0, end - time.monotonic())) and ended
        return ended


def _as_completed(jobs: dict[Future[Any], Job], timeout: float | None) -> Iterator[Job]:
    try:
        for future in concurrent.futures.as_completed(jobs, timeout):
            yield jobs.pop(future)
    except TimeoutError:
        count = plural(sum(not job.state.finished for job in jobs.values()), "job")
        raise JobTimeout(f"{count} had not ended within {timeout} s, and go on") from None
