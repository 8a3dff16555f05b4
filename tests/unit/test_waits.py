"""Waiting for several jobs, in threads and in coroutines; functions that return jobs."""

import asyncio
import concurrent.futures
import signal
import sys
import threading
import time
import traceback

import pytest

from nbjobs import Job, JobManager, JobState, JobTimeout

LIMIT = 10.0


def test_as_completed(jobs: JobManager, blocker) -> None:
    """Jobs are given as they end, whatever the end."""
    slow = jobs.submit(blocker.wait, LIMIT)
    bad = jobs.submit(lambda: 1 / 0)
    bad.wait(LIMIT)
    ended = jobs.as_completed(timeout=LIMIT)
    assert next(ended) is bad
    blocker.set()
    assert list(ended) == [slow]


def test_as_completed_in_time(jobs: JobManager, blocker) -> None:
    """What has not ended in time goes on."""
    slow = jobs.submit(blocker.wait, LIMIT)
    with pytest.raises(JobTimeout, match="1 job had not ended within"):
        list(jobs.as_completed(slow, timeout=0.01))
    assert slow.is_alive()


def test_futures(jobs: JobManager) -> None:
    """The standard library's waits work on the jobs' futures."""
    made = [jobs.submit(pow, n, 2) for n in range(5)]
    done, rest = concurrent.futures.wait([job.future for job in made], LIMIT)
    assert not rest
    assert {future.result() for future in done} == {0, 1, 4, 9, 16}


def test_in_coroutines(jobs: JobManager, blocker) -> None:
    """For all, with a time limit, and for one; nothing else is held up."""

    async def main() -> object:
        slow = jobs.submit(lambda: blocker.wait(LIMIT) and 7)
        failed = jobs.submit(lambda: 1 / 0)
        assert not await jobs.wait_async(slow, timeout=0.01)
        asyncio.get_running_loop().call_soon(blocker.set)
        assert await jobs.wait_async(timeout=LIMIT)
        assert failed.state is JobState.FAILED
        assert await jobs.wait_async()
        return await slow

    assert asyncio.run(main()) == 7


def test_an_interrupt_leaves_the_jobs_running(jobs: JobManager, blocker) -> None:
    """It ends the wait in the main thread and nothing else."""
    begun = threading.Event()
    job = jobs.submit(lambda: begun.set() or blocker.wait(LIMIT))
    assert begun.wait(LIMIT)
    main = threading.get_ident()

    def codes() -> set[object]:
        return {frame.f_code for frame, _ in traceback.walk_stack(sys._current_frames()[main])}

    def interrupt() -> None:
        while not {threading.Condition.wait.__code__, JobManager.wait.__code__} <= codes():
            time.sleep(0.001)
        signal.pthread_kill(main, signal.SIGINT)

    jobs.submit(interrupt)
    with pytest.raises(KeyboardInterrupt):
        jobs.wait(job)
    assert job.state is JobState.RUNNING


def test_a_function_that_returns_jobs(jobs: JobManager) -> None:
    """With and without options; its jobs can be given to each other."""

    @jobs.background
    def double(number: int) -> int:
        """Twice as much."""
        return 2 * number

    @jobs.background(name="slow", timeout=LIMIT, retries=1)
    def add(a: int, b: int) -> int:
        return a + b

    job = add(double(3), b=double(4))
    assert isinstance(job, Job)
    assert job.get(LIMIT) == 14
    assert job.name == "slow"
    assert double.__doc__ == "Twice as much."


def test_what_cannot_be_called_cannot_be_decorated(jobs: JobManager) -> None:
    """Said when it is decorated, as an unknown option is."""
    with pytest.raises(TypeError):
        jobs.background(5)
    with pytest.raises(TypeError, match="unknown option"):
        jobs.background(nmae="x")
