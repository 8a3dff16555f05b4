"""States: which there are, and what leads where."""

import pytest

from nbjobs import JobState
from nbjobs.states import FINISHED, TRANSITIONS


def test_every_state_can_be_reached_and_left_or_is_final() -> None:
    """No state is forgotten in the table."""
    reached = {state for targets in TRANSITIONS.values() for state in targets}
    assert reached | {JobState.WAITING} == set(JobState)
    assert set(TRANSITIONS) | FINISHED == set(JobState)
    assert not set(TRANSITIONS) & FINISHED


@pytest.mark.parametrize("state", JobState)
def test_killed_comes_only_after_killing(state: JobState) -> None:
    """A job is shown as killed only after it was shown as being killed."""
    assert (JobState.KILLED in TRANSITIONS.get(state, ())) == (state is JobState.KILLING)


def test_dead_is_finished_without_a_result() -> None:
    """Only success is finished and not dead."""
    assert {s for s in JobState if s.finished and not s.dead} == {JobState.SUCCEEDED}
    assert not any(s.dead for s in JobState if not s.finished)
