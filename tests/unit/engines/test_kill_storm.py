"""Kills at random moments in the life of jobs on workers: none is lost, none hangs."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from nbjobs import JobManager, JobState

LIMIT = 60.0


@pytest.mark.parametrize("seed", [1, 2])
def test_kills_at_random_moments(seed: int) -> None:
    """Every job ends as what it is: killed, cancelled or done; afterwards all is gone."""

    # In here, so that it travels by value: workers cannot import the tests.
    def work(seconds: float) -> str:
        try:
            time.sleep(seconds)
            return "done"
        finally:
            threading.Event().wait(seconds / 10)

    chance = random.Random(seed)
    before = {each.pid for each in psutil.Process().children(recursive=True)}
    with JobManager() as jobs:
        jobs.engines.processes = 2
        submit: Callable[..., Any] = jobs.options(on="process").submit
        assert submit(work, 0).get(LIMIT) == "done"
        for _ in range(40):
            some = [submit(work, chance.random() / 50) for _ in range(3)]
            threading.Event().wait(chance.random() / 30)
            for job in chance.sample(some, 2):
                job.kill(grace=0, force=chance.random() < 0.3)
        assert jobs.wait(timeout=LIMIT)
        ends = {job.state for job in jobs}
        assert ends <= {JobState.SUCCEEDED, JobState.KILLED, JobState.CANCELLED}
        assert all(job.result == "done" for job in jobs if job.state is JobState.SUCCEEDED)
        assert submit(work, 0).get(LIMIT) == "done"
    assert {each.pid for each in psutil.Process().children(recursive=True)} == before
