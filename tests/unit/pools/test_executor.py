"""`jobs.executor` is a true executor whose calls are jobs."""

import asyncio
import concurrent.futures
import gc
import threading
import weakref

import pytest
from tqdm import tqdm
from tqdm.contrib.concurrent import thread_map

from nbjobs import JobKilled, JobManager, JobState

LIMIT = 10.0


def test_it_is_an_executor(jobs: JobManager) -> None:
    """Used as the standard library's is."""
    with jobs.executor(3) as pool:
        assert isinstance(pool, concurrent.futures.Executor)
        futures = [pool.submit(pow, n, 2) for n in range(10)]
        done, rest = concurrent.futures.wait(futures, LIMIT)
        assert not rest
        assert sorted(future.result() for future in done) == [n * n for n in range(10)]
        assert list(pool.map(pow, [2, 3], [3, 2])) == [8, 9]
    with pytest.raises(RuntimeError, match="after shutdown"):
        pool.submit(int)


def test_so_many_at_a_time(jobs: JobManager, blocker) -> None:
    """The others wait in line as jobs, and can be cancelled."""
    begun = threading.Semaphore(0)

    def work() -> None:
        begun.release()
        blocker.wait(LIMIT)

    pool = jobs.executor(2)
    futures = [pool.submit(work) for _ in range(5)]
    for _ in range(2):
        assert begun.acquire(timeout=LIMIT)
    assert [job.state for job in jobs] == [JobState.RUNNING] * 2 + [JobState.QUEUED] * 3
    assert futures[4].cancel()
    pool.shutdown(wait=False, cancel_futures=True)
    assert [future.cancelled() for future in futures] == [False] * 2 + [True] * 3
    blocker.set()
    pool.shutdown()
    assert all(future.done() for future in futures)


def test_a_call_can_be_killed(jobs: JobManager, blocker) -> None:
    """As any job, which an executor's calls are until they have ended."""
    begun = threading.Event()
    pool = jobs.executor(1)
    future = pool.submit(lambda: begun.set() or blocker.wait(LIMIT))
    assert begun.wait(LIMIT)
    jobs.kill(*jobs)
    with pytest.raises(JobKilled):
        future.result(LIMIT)
    assert pool.submit(int).result(LIMIT) == 0
    pool.shutdown()


def test_nothing_is_kept_after_the_end(jobs: JobManager) -> None:
    """The future holds the result; when it goes, so does that."""

    class Result:
        """Something that can be referred to weakly."""

    with jobs.executor(1) as pool:
        future = pool.submit(Result)
        gone = weakref.ref(future.result(LIMIT))
    assert len(jobs) == 0
    del future
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("workers", [0, -1])
def test_no_workers(jobs: JobManager, workers: int) -> None:
    """In the standard library's words."""
    with pytest.raises(ValueError, match="max_workers must be greater than 0"):
        jobs.executor(workers)


def test_on_a_closed_manager(jobs: JobManager) -> None:
    """The error that users of executors expect."""
    pool = jobs.executor(1)
    jobs.close()
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(int)


def test_in_an_event_loop(jobs: JobManager) -> None:
    """`run_in_executor` takes it, and `wrap_future` takes jobs."""

    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        with jobs.executor(2) as pool:
            first = await loop.run_in_executor(pool, pow, 2, 5)
        return [first, await asyncio.wrap_future(jobs.submit(pow, 2, 6).future)]

    assert asyncio.run(main()) == [32, 64]


def test_with_a_progress_bar(jobs: JobManager, monkeypatch: pytest.MonkeyPatch) -> None:
    """What tqdm does with a pool of its own can be had with ours."""
    # Else it starts a thread that looks after its bars.
    monkeypatch.setattr(tqdm, "monitor_interval", 0)
    items = range(20)
    with jobs.executor(4) as pool:
        ours = list(tqdm(pool.map(str, items), total=len(items), disable=True))
    assert ours == thread_map(str, items, disable=True)
