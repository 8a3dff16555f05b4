"""`jobs.executor(initializer=...)` prepares each thread before its first call."""

import logging
import threading
from concurrent.futures.thread import BrokenThreadPool

import pytest

from nbjobs import JobKilled, JobManager

LIMIT = 10.0


def test_each_thread_is_prepared_once(jobs: JobManager) -> None:
    """Before its first call, with the arguments given, and not again."""
    prepared: list[tuple[int, str]] = []
    both = threading.Barrier(2)

    def prepare(word: str) -> None:
        prepared.append((threading.get_ident(), word))

    def work(meet: bool) -> int:
        if meet:
            both.wait(LIMIT)  # Two threads, then, not one twice.
        return threading.get_ident()

    with jobs.executor(2, initializer=prepare, initargs=("ready",)) as pool:
        threads = set(pool.map(work, [True, True], timeout=LIMIT))
        assert len(threads) == 2
        threads.update(pool.map(work, [False] * 10, timeout=LIMIT))
    assert sorted(prepared) == sorted((ident, "ready") for ident in threads)


def test_a_failure_breaks_the_executor(
    jobs: JobManager, blocker, caplog: pytest.LogCaptureFixture
) -> None:
    """What is running ends by itself, what waits fails, and no more is taken."""
    calls = []

    def prepare() -> None:
        blocker.wait(LIMIT)
        raise OSError("no database")

    pool = jobs.executor(1, initializer=prepare)
    futures = [pool.submit(calls.append, n) for n in range(3)]
    with caplog.at_level(logging.CRITICAL, "concurrent.futures"):
        blocker.set()
        errors = [future.exception(LIMIT) for future in futures]
    assert all(isinstance(error, BrokenThreadPool) for error in errors)
    assert isinstance(errors[0].__cause__, OSError)
    assert "Exception in initializer" in caplog.text
    assert calls == []
    with pytest.raises(BrokenThreadPool, match="no call can be made"):
        pool.submit(int)
    pool.shutdown()


def test_a_kill_does_not_break_it(jobs: JobManager, blocker) -> None:
    """The call that the thread was prepared for is killed; the next prepares it again."""
    begun = threading.Semaphore(0)

    def prepare() -> None:
        begun.release()
        blocker.wait(LIMIT)

    with jobs.executor(1, initializer=prepare) as pool:
        first, second = pool.submit(int, 1), pool.submit(int, 2)
        assert begun.acquire(timeout=LIMIT)
        jobs.kill(grace=LIMIT)
        assert isinstance(first.exception(LIMIT), JobKilled)
        blocker.set()
        third = pool.submit(int, 3)
        assert third.result(LIMIT) == 3
        assert second.done()


def test_what_cannot_be_called_is_refused(jobs: JobManager) -> None:
    """At once, not by the first call."""
    with pytest.raises(TypeError, match="initializer must be a callable, not 3"):
        jobs.executor(1, initializer=3)  # type: ignore[arg-type]
