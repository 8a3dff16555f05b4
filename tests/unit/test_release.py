"""What a job lets go of, and when."""

import gc
import threading
import weakref

import pytest

from nbjobs import JobError, JobManager, JobNotFound

LIMIT = 10.0


class Weighty:
    """Something whose memory matters."""


def test_removal_frees_the_result_at_once(jobs: JobManager) -> None:
    """Not even a reader that keeps the Job keeps its result; no collection is needed."""
    gc.disable()
    try:
        job = jobs.submit(Weighty)
        seen = weakref.ref(job.get(LIMIT))
        assert seen() is not None
        jobs.remove(job.num)
        assert seen() is None
        with pytest.raises(JobNotFound, match=f"job {job.num} has been removed"):
            job.get()
        flushed = weakref.ref(jobs.submit(Weighty).get(LIMIT))
        jobs.flush()
        assert flushed() is None
    finally:
        gc.enable()


def test_a_finished_job_lets_go_of_its_arguments_and_frames(jobs: JobManager) -> None:
    """Neither the arguments nor the variables of a job that succeeded, or was killed, stay."""
    gc.disable()
    try:
        started, release = threading.Event(), threading.Event()

        def use(argument: Weighty) -> weakref.ref:
            local = Weighty()
            started.set()
            release.wait()
            return weakref.ref(local)

        killed_argument = Weighty()
        argument = Weighty()
        seen = [weakref.ref(argument), weakref.ref(killed_argument)]
        killed = jobs.submit(use, killed_argument)
        assert started.wait(LIMIT)
        killed.kill(LIMIT)
        frames = killed.exception.__traceback__
        while frames is not None:
            assert "local" not in frames.tb_frame.f_locals
            frames = frames.tb_next
        release.set()
        job = jobs.submit(use, argument)
        assert job.get(LIMIT)() is None
        del argument
        assert seen[0]() is None
    finally:
        gc.enable()


def test_rerun(jobs: JobManager) -> None:
    """What failed runs again with its arguments; a function that succeeded has none any more."""
    calls: list[int] = []

    def flaky(step: int) -> int:
        calls.append(step)
        if len(calls) == 1:
            raise ConnectionError
        return len(calls)

    job = jobs.options(name="flaky").submit(flaky, 5)
    job.wait(LIMIT)
    again = job.rerun()
    assert again.get(LIMIT) == 2
    assert (calls, again.name, again.num) == ([5, 5], "flaky", job.num + 1)
    with pytest.raises(JobError, match="arguments were let go"):
        again.rerun()
    expression = jobs.new("6 * 7", {})
    assert expression.get(LIMIT) == jobs.rerun(expression.num).get(LIMIT) == 42
