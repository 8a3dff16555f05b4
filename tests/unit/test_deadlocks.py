"""Waits that could never end are refused, in the job that would hang."""

import threading

import pytest

from nbjobs import DependencyCycle, JobManager, current_job

LIMIT = 10.0


def test_waiting_for_oneself(jobs: JobManager) -> None:
    """A job is told so at once."""
    job = jobs.submit(lambda: current_job().get())
    with pytest.raises(DependencyCycle, match="cannot wait for its own end"):
        job.get(LIMIT)


def test_waiting_for_a_job_behind_in_the_queue(jobs: JobManager) -> None:
    """It cannot start before the one that waits has ended."""
    go = threading.Event()
    db = jobs.options(queue="db")
    first = db.submit(lambda: go.wait(LIMIT) and second.get())
    second = db.submit(int)
    go.set()
    with pytest.raises(DependencyCycle, match="behind in the same queue, db"):
        first.get(LIMIT)
    assert second.get(LIMIT) == 0


def test_waiting_for_each_other(jobs: JobManager) -> None:
    """One of the two is told; the other gets its error."""
    ready = threading.Barrier(2)
    pair = []

    def work(other: int) -> object:
        ready.wait(LIMIT)
        return pair[other].get()

    ready_to_run = threading.Event()
    pair.append(jobs.submit(lambda: ready_to_run.wait(LIMIT) and work(1)))
    pair.append(jobs.submit(lambda: ready_to_run.wait(LIMIT) and work(0)))
    ready_to_run.set()
    for job in pair:
        with pytest.raises(DependencyCycle):
            job.get(LIMIT)


def test_waiting_for_a_child(jobs: JobManager) -> None:
    """A job that waits for this one cannot end first."""
    go = threading.Event()
    parent = jobs.submit(lambda: go.wait(LIMIT) and last.get())
    last = jobs.submit(str, jobs.submit(str, parent))
    go.set()
    with pytest.raises(DependencyCycle, match="because it waits for job 1"):
        parent.get(LIMIT)


def test_waiting_at_the_limit(jobs: JobManager) -> None:
    """With every thread taken by jobs that wait, nothing could start."""
    jobs.limit = 1
    job = jobs.submit(lambda: jobs.submit(int).get())
    with pytest.raises(DependencyCycle, match="no more than 1 jobs may run"):
        job.get(LIMIT)


def test_waiting_for_a_map_at_the_limit(jobs: JobManager) -> None:
    """A group's workers need threads, too."""
    jobs.limit = 1
    job = jobs.submit(lambda: jobs.map(str, range(3)).get())
    with pytest.raises(DependencyCycle, match="its workers cannot start"):
        job.get(LIMIT)


def test_waits_that_end_are_allowed(jobs: JobManager) -> None:
    """With a place free, with a timeout, and for jobs in other queues."""
    jobs.limit = 2
    assert jobs.submit(lambda: jobs.submit(int).get()).get(LIMIT) == 0
    assert jobs.submit(lambda: current_job().wait(0.01)).get(LIMIT) is False
    jobs.limit = None
    db = jobs.options(queue="db")
    assert db.submit(lambda: jobs.options(queue="other").submit(int).get()).get(LIMIT) == 0
    jobs.queue("wide", width=2)
    wide = jobs.options(queue="wide")
    assert wide.submit(lambda: wide.submit(int).get()).get(LIMIT) == 0
    assert jobs.submit(lambda: jobs.map(abs, [-1]).get()).get(LIMIT) == [1]
