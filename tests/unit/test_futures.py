"""A job as concurrent.futures and asyncio see it."""

import asyncio
import concurrent.futures
import threading

import pytest

from nbjobs import JobKilled, JobManager
from waiting import begun

LIMIT = 10.0


def test_futures(jobs: JobManager, blocker: threading.Event) -> None:
    """`concurrent.futures.wait` and `as_completed` work on jobs' futures."""
    slow, quick = jobs.submit(blocker.wait), jobs.submit(int)
    done, not_done = concurrent.futures.wait(
        [slow.future, quick.future], LIMIT, concurrent.futures.FIRST_COMPLETED
    )
    assert (done, not_done) == ({quick.future}, {slow.future})
    assert slow.future.running()
    assert not slow.future.cancel()
    blocker.set()
    assert next(concurrent.futures.as_completed([slow.future], LIMIT)).result() is True


def test_await(jobs: JobManager, blocker: threading.Event) -> None:
    """A job can be awaited; giving up the wait leaves it running; errors arrive as its own."""

    async def use() -> None:
        assert await jobs.submit(pow, 3, 2) == 9
        with pytest.raises(ZeroDivisionError):
            await jobs.submit(divmod, 1, 0)
        assert await asyncio.wrap_future(jobs.submit(pow, 3, 3).future) == 27
        waiting = jobs.submit(blocker.wait)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(waiting, 0.02)
        assert waiting.is_alive()
        blocker.set()
        assert await waiting is True

    asyncio.run(use())


def test_await_a_killed_job(jobs: JobManager, blocker: threading.Event) -> None:
    """It raises JobKilled in the coroutine, rather than cancel it."""

    async def use() -> None:
        job = jobs.submit(blocker.wait)
        begun(job)
        asyncio.get_running_loop().call_soon(job.kill, 0)
        with pytest.raises(JobKilled):
            await job

    asyncio.run(use())
