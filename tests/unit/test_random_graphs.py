"""Whatever depends on whatever: no job starts before it may, and none is forgotten."""

import random

import pytest

from nbjobs import JobManager, JobState


def fail() -> None:
    """Fails."""
    raise ValueError("no such page")


@pytest.mark.parametrize("seed", range(100))
def test_a_random_graph(jobs: JobManager, seed: int) -> None:
    """Of 200 jobs, some of which fail, every one starts when it may, and only then."""
    dice = random.Random(seed)
    made = []
    for _ in range(200):
        parents = dice.sample(made, min(len(made), dice.choice([0, 0, 1, 2, 3])))
        when = dice.choice(["success", "success", "done", "failure"])
        action = fail if dice.random() < 0.1 else int
        made.append(jobs.options(after=parents, when=when, any=dice.random() < 0.3).submit(action))
        made[-1].noticed = True
    if dice.random() < 0.5:
        jobs.kill(dice.choice(made), children=True, grace=0)
    assert jobs.wait(timeout=60)
    for job in made:
        _check(job)


def _check(job) -> None:
    wanted = {
        "success": {JobState.SUCCEEDED},
        "done": set(JobState),
        "failure": {JobState.FAILED, JobState.SKIPPED},
    }[job.options.when]
    states = [parent.state for parent in job.parents]
    satisfied = [state in wanted for state in states]
    if job.options.when == "failure":
        # A job that was skipped because of a kill is no failure.
        satisfied = [
            state is JobState.FAILED or bool(parent.kin and parent.kin.failed)
            for state, parent in zip(states, job.parents, strict=True)
        ]
    combined = any if job.options.any and states else all
    if job.state is JobState.SKIPPED:
        assert not combined(satisfied)
    elif job.state is not JobState.CANCELLED:
        assert combined(satisfied)
        # By the clock that they share: dates are taken from each job's own reading of the wall's.
        ends = [parent.clock._ended for parent in job.parents]
        if ends:
            assert job.clock._started >= (min(ends) if job.options.any else max(ends))
