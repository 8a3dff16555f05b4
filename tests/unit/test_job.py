"""One job: how it runs, ends and answers."""

import threading
from datetime import datetime

import pytest

from nbjobs import (
    JobCancelled,
    JobError,
    JobKilled,
    JobManager,
    JobNotFinished,
    JobState,
    JobTimeout,
    current_job,
)
from nbjobs.killing import KillResult

LIMIT = 10.0


def test_result(jobs: JobManager) -> None:
    """A function's value is the result, by every way of asking."""
    job = jobs.submit(pow, 2, 10)
    assert job.get(LIMIT) == job.result == job.future.result() == 1024
    assert (job.state, job.ready(), job.successful()) == (JobState.SUCCEEDED, True, True)
    assert job.exception is None


def test_own_error_with_its_traceback(jobs: JobManager) -> None:
    """The job's own exception is raised, with the line that raised it and none of ours."""

    def fail() -> None:
        raise ValueError("no such page")

    job = jobs.submit(fail)
    for _ in range(3):
        with pytest.raises(ValueError, match="no such page") as caught:
            job.get(LIMIT)
    names = [entry.name for entry in caught.traceback]
    assert names[-1] == "fail"
    assert "_execute" not in names
    assert names.count("fail") == 1
    assert (job.state, job.successful()) == (JobState.FAILED, False)
    assert job.summary().endswith("ValueError: no such page")


def test_not_finished(jobs: JobManager, blocker: threading.Event) -> None:
    """Asking for the result too early raises, and says what to do."""
    job = jobs.submit(blocker.wait)
    for ask in ("result", "exception"):
        with pytest.raises(JobNotFinished, match=r"has not ended .*job.get\(\) waits"):
            getattr(job, ask)
    with pytest.raises(JobNotFinished):
        job.successful()
    with pytest.raises(JobTimeout, match=r"within 0.01 s, and goes on"):
        job.get(0.01)
    assert job.is_alive()


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_errors_that_end_programs_end_only_the_job(jobs: JobManager, error) -> None:
    """They end the job as dead, and reach a reader as the cause of a JobError."""

    def leave() -> None:
        raise error

    job = jobs.submit(leave)
    with pytest.raises(JobError, match=type(error).__name__) as caught:
        job.get(LIMIT)
    assert caught.value.__cause__ is error
    assert (job.state, job.exception, job.finished) == (JobState.FAILED, error, None)


class Unspeakable(Exception):
    """An error that cannot be turned into text."""

    def __str__(self) -> str:
        raise RuntimeError("I will not")


def test_an_error_that_cannot_be_formatted(jobs: JobManager, capsys) -> None:
    """It is named by its type, its traceback is shown, and the job has ended."""

    def fail() -> None:
        raise Unspeakable

    job = jobs.submit(fail)
    assert job.wait(LIMIT)
    assert "Unspeakable: <its message cannot be shown: __str__ raised RuntimeError>" in (
        job.summary(200)
    )
    job.traceback()
    assert "in fail" in capsys.readouterr().out


def test_an_error_whose_text_blocks_can_be_killed(jobs: JobManager, blocker) -> None:
    """An error's __str__ runs in the job, where a kill reaches it, not in who asks."""
    entered = threading.Event()

    class Slow(Exception):
        def __str__(self) -> str:
            entered.set()
            blocker.wait()
            return ""

    def fail() -> None:
        raise Slow

    job = jobs.submit(fail)
    assert entered.wait(LIMIT)
    assert job.kill(LIMIT) is KillResult.KILLED


def test_kill(jobs: JobManager) -> None:
    """A killed job is KILLED, its reader gets JobKilled, and its traceback shows where it was."""
    started = threading.Event()

    def spin() -> None:
        started.set()
        while True:
            pass

    job = jobs.submit(spin)
    assert started.wait(LIMIT)
    assert job.kill(LIMIT) is KillResult.KILLED
    assert job.state is JobState.KILLED
    assert job.kill() is KillResult.TOO_LATE
    with pytest.raises(JobKilled, match=f"job {job.num} was killed after") as caught:
        job.get()
    assert caught.traceback[-1].name == "spin"


def test_killing_is_shown_until_it_has_really_ended(jobs: JobManager, blocker) -> None:
    """While a `finally` block still runs the job is KILLING, and kill says PENDING."""
    started, cleaning = threading.Event(), threading.Event()
    lock = threading.Lock()
    lock.acquire()

    def work() -> None:
        try:
            started.set()
            while True:
                pass
        finally:
            cleaning.set()
            with lock:
                pass

    job = jobs.submit(work)
    assert started.wait(LIMIT)
    assert job.kill(0) is KillResult.PENDING
    assert cleaning.wait(LIMIT)
    assert (job.state, job.is_alive()) == (JobState.KILLING, True)
    lock.release()
    assert job.wait(LIMIT)
    assert job.state is JobState.KILLED


def test_time_limit(jobs: JobManager, blocker: threading.Event) -> None:
    """A job that blocks beyond its limit ends as TIMED_OUT."""
    job = jobs.options(timeout=0.05).submit(blocker.wait)
    with pytest.raises(JobTimeout, match=r"ran into its time limit of 50 ms"):
        job.get(LIMIT)
    assert (job.state, job.verdict(alive=True)) == (JobState.TIMED_OUT, KillResult.KILLED)


def test_quick_enough(jobs: JobManager) -> None:
    """A job that ends within its limit is not touched, and its timer is gone."""
    assert jobs.options(timeout=60).submit(int).get(LIMIT) == 0


def test_times(jobs: JobManager) -> None:
    """The three moments are aware dates in order; elapsed stands still after the end."""
    job = jobs.submit(int)
    job.get(LIMIT)
    meta = job.metadata
    moments = [meta["submitted"], meta["started"], meta["completed"]]
    assert moments == sorted(moments)
    assert all(isinstance(m, datetime) and m.tzinfo is not None for m in moments)
    assert job.elapsed == job.elapsed >= 0.0


def test_like_a_thread(jobs: JobManager, blocker: threading.Event) -> None:
    """Upstream's attributes and a thread's follow the state."""
    job = jobs.submit(lambda: (blocker.wait(), threading.get_ident(), threading.get_native_id()))
    while job.state is not JobState.RUNNING:
        pass
    ident, native_id = job.ident, job.native_id
    assert (job.is_alive(), job.daemon, job.finished) == (True, True, False)
    assert (job.stat_code, job.status) == (1, "Running")
    blocker.set()
    job.join(LIMIT)
    assert job.result[1:] == (ident, native_id)
    assert (job.is_alive(), job.finished, job.ident) == (False, True, None)
    assert (job.stat_code, job.status) == (2, "Completed")


def test_progress_from_inside(jobs: JobManager, blocker: threading.Event) -> None:
    """The job's code says how far it is; everybody can read it, and events tell."""
    told = threading.Event()
    jobs.subscribe(lambda event: told.set() if event.kind == "progress" else None)

    def work() -> None:
        job = current_job()
        assert job is not None
        job.progress(3, 12)
        blocker.wait()
        job.progress(4)

    job = jobs.submit(work)
    assert told.wait(LIMIT)
    assert job.progress == (3, 12)
    assert job.progress.fraction == 0.25
    blocker.set()
    job.get(LIMIT)
    assert job.progress == (4, 12)
    assert current_job() is None
    with pytest.raises(TypeError, match="progress takes numbers, not str"):
        job.progress("half")  # type: ignore[arg-type]


def test_cancel_before_the_start(jobs: JobManager) -> None:
    """A job that is taken back before its thread has begun never runs."""
    ran = threading.Event()
    seen = []

    def at_once(event) -> None:
        # The first event of a job comes before its thread is started.
        if event.state is JobState.QUEUED and not seen:
            seen.append(event.job)
            assert event.job.cancel()

    jobs.subscribe(at_once)
    job = jobs.submit(ran.set)
    assert job.wait(LIMIT)
    assert jobs.submit(int).get(LIMIT) == 0
    assert (job.state, job.future.cancelled(), ran.is_set()) == (JobState.CANCELLED, True, False)
    with pytest.raises(JobCancelled):
        job.get()
    assert not job.cancel()
