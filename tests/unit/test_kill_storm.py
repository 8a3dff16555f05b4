"""Kills at random moments, on threads that are used again: none lost, wrong or leaked."""

import random
import threading

from nbjobs import JobKilled, JobManager, JobState

LIMIT = 30.0


def test_storm(jobs: JobManager) -> None:
    """Each job ends as killed or with its own result; its neighbours are never hit."""
    rng = random.Random(7)
    stop = threading.Event()
    wrong: list[object] = []

    def work(number: int) -> int:
        total = 0
        for value in range(rng.choice((10, 5000, 2_000_000))):
            total += value
        return number

    def bystander() -> None:
        # Runs on threads that were killed in a moment ago, and must never notice.
        while not stop.is_set():
            job = jobs.submit(work, -1)
            if job.get(LIMIT) != -1:
                wrong.append(job)

    other = threading.Thread(target=bystander)
    other.start()
    ends = {JobState.KILLED: 0, JobState.SUCCEEDED: 0, JobState.CANCELLED: 0}
    try:
        for number in range(500):
            job = jobs.submit(work, number)
            stop.wait(rng.random() * 0.002)
            job.kill(0)
            assert job.wait(LIMIT), job.summary()
            ends[job.state] += 1
            if job.state is JobState.SUCCEEDED and job.result != number:
                wrong.append(job)
            if job.state is JobState.KILLED and not isinstance(job.exception, JobKilled):
                wrong.append(job)
    finally:
        stop.set()
        other.join()
    assert not wrong
    assert ends[JobState.KILLED] > 0
