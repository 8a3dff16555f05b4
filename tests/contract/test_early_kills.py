"""Kills and news that come out of order: before a job has begun on a worker, or after its end."""

from __future__ import annotations

from typing import Any

import pytest

import clusters
import contract_work as work
from nbjobs import JobKilled, JobManager
from nbjobs.cluster import worker
from nbjobs.remote import packing
from waiting import begun

LIMIT = 60.0


@pytest.mark.parametrize("force", [False, True])
def test_a_kill_is_remembered(force: bool, jobs: JobManager) -> None:
    """The job that it was meant for does not begin; another one does."""
    packed = packing.Cargo("call", (pow, (2, 5), {})).pack(1)
    said: list[Any] = []
    assert worker.end("early", force) is None
    assert worker.run("early", packed.data, packed.buffers, said.extend) == (True, b"")
    killed, *_ = worker.run("late", packed.data, packed.buffers, said.extend)
    assert killed is False


def test_kills_are_forgotten(jobs: JobManager) -> None:
    """Of jobs that never come, or have gone, only so many are remembered."""
    for each in range(worker.EARLY + 10):
        worker.end(f"never {each}")
    assert len(worker._early) == worker.EARLY


def test_a_kill_right_at_the_beginning_on_ipyparallel(jobs: JobManager) -> None:
    """However early it comes after a job has begun, the job ends and its engine goes on."""
    on = jobs.options(on=clusters.address("ipyparallel"))
    for _ in range(30):
        job = on.submit(work.announce_and_sleep, LIMIT)
        begun(job)
        job.kill(grace=LIMIT)
        with pytest.raises(JobKilled):
            job.get(LIMIT)
    assert on.submit(pow, 2, 5).get(LIMIT) == 32


def test_late_news_of_the_beginning_on_ipyparallel(jobs: JobManager) -> None:
    """The reply may overtake it; the job was not begun again for that."""
    address = clusters.address("ipyparallel")
    job = jobs.options(on=address).submit(work.announce_and_sleep, LIMIT)
    begun(job)
    (flight,) = jobs._switchboard._made[address]._link._flights.values()
    job.kill(grace=LIMIT)
    flight.taken(99)
    assert job.stderr == ""
