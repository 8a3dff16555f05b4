"""Jobs in the thread that submits them."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from nbjobs import JobKilled, JobManager, JobState

LIMIT = 60.0


def test_it_runs_here_and_now(jobs: JobManager) -> None:
    """In the caller's thread, before `submit` returns."""
    job = jobs.options(on="inline").submit(threading.get_ident)
    assert job.result == threading.get_ident()


def test_a_debugger_finds_the_error(run: Callable[[str], Any]) -> None:
    """The frames of the failed code are where %debug looks, with their variables."""
    run("def fail(x):\n    y = x + 1\n    raise ValueError(y)")
    job = run("%job --on inline fail(4)")
    assert job.state is JobState.FAILED
    trace = sys.last_value.__traceback__  # type: ignore[union-attr]
    while trace.tb_next is not None:  # type: ignore[union-attr]
        trace = trace.tb_next  # type: ignore[union-attr]
    assert trace.tb_frame.f_locals == {"x": 4, "y": 5}  # type: ignore[union-attr]


def test_an_interrupt_ends_the_job_and_the_cell(jobs: JobManager) -> None:
    """Ctrl-C kills the job, and goes on to what has submitted it."""

    def interrupt_me() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(LIMIT)

    with pytest.raises(KeyboardInterrupt):
        jobs.options(on="inline").submit(interrupt_me)
    assert jobs[0].state is JobState.KILLED
    with pytest.raises(JobKilled):
        jobs[0].get()


def test_an_interrupt_ends_a_map(jobs: JobManager) -> None:
    """The items that were to come are not run."""
    seen = []

    def work(number: int) -> None:
        seen.append(number)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(LIMIT)

    with pytest.raises(KeyboardInterrupt):
        jobs.options(on="inline").map(work, range(5))
    assert jobs[0].state is JobState.KILLED
    assert seen == [0]


def test_what_it_waits_for_is_waited_for(jobs: JobManager, blocker: threading.Event) -> None:
    """It runs here all the same, when the other job has ended; so do its retries."""
    first = jobs.submit(blocker.wait)
    threading.Timer(0.05, blocker.set).start()
    job = jobs.options(on="inline", after=first).submit(threading.get_ident)
    assert job.result == threading.get_ident()

    tries = []

    def flaky() -> int:
        tries.append(threading.get_ident())
        if len(tries) < 3:
            raise OSError
        return len(tries)

    assert jobs.options(on="inline", retries=3, retry_delay=0.01).submit(flaky).result == 3
    assert set(tries) == {threading.get_ident()}


def test_one_that_is_skipped_is_not_waited_for(jobs: JobManager) -> None:
    """`submit` returns when it is clear that it never runs."""
    dead = jobs.submit(int, "x")
    assert jobs.options(on="inline", after=dead).submit(abs, 1).state is JobState.SKIPPED


def test_maps_run_here(jobs: JobManager) -> None:
    """Every item, in order."""
    group = jobs.options(on="inline").map(lambda n: (n, threading.get_ident()), range(4))
    assert group.result == [(n, threading.get_ident()) for n in range(4)]
