"""Maps over endless iterables, whose workers wait for somebody to take what they have done."""

import itertools

import pytest

from nbjobs import JobManager, JobState
from nbjobs.killing import KillResult
from waiting import until

LIMIT = 30.0
AHEAD = 4


@pytest.mark.parametrize("engine", ["thread", "process", "asyncio"])
def test_a_kill_ends_workers_that_wait_for_room(jobs: JobManager, engine: str) -> None:
    """Nobody takes more results, so the workers stand still; the kill wakes them all."""
    pulled: list[int] = []

    def numbers():
        for number in itertools.count():
            pulled.append(number)
            yield number

    jobs.engines.processes = 2
    group = jobs.map(abs, numbers(), on=engine, workers=2, ahead=AHEAD)
    assert list(itertools.islice(group, 10)) == list(range(10))
    until(lambda: len(pulled) >= 10 + AHEAD)
    assert group.kill(LIMIT) is KillResult.KILLED
    assert {part.state for part in group.parts} == {JobState.KILLED}
    assert len(pulled) <= 10 + AHEAD


def test_waiting_for_room_does_not_hold_up_the_event_loop(jobs: JobManager) -> None:
    """Other jobs of the loop run meanwhile, and the map goes on when there is room."""
    group = jobs.map(abs, itertools.count(), on="asyncio", workers=2, ahead=AHEAD)
    results = iter(group)
    assert next(results) == 0
    assert jobs.options(on="asyncio").submit(pow, 2, 5).get(LIMIT) == 32
    assert list(itertools.islice(results, 100)) == list(range(1, 101))
    assert group.kill(LIMIT) is KillResult.KILLED
