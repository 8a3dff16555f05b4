"""The states a job can be in, and the only ways from one to another."""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """Where a job is in its life.

    The value is the word shown to people. A job starts `WAITING` (for other jobs), `QUEUED`
    (for a free thread) or `RUNNING`, and ends in one of the `finished` states, for good.
    """

    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    KILLING = "killing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    KILLED = "killed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    LOST = "lost"

    @property
    def finished(self) -> bool:
        """Whether the job has ended, one way or another."""
        return self in FINISHED

    @property
    def started(self) -> bool:
        """Whether the job's code has begun to run (it may have ended since)."""
        return self not in NOT_STARTED

    @property
    def dead(self) -> bool:
        """Whether the job has ended without a result."""
        return self in FINISHED and self is not JobState.SUCCEEDED


FINISHED = frozenset(
    {
        JobState.SUCCEEDED,
        JobState.FAILED,
        JobState.TIMED_OUT,
        JobState.KILLED,
        JobState.CANCELLED,
        JobState.SKIPPED,
        JobState.LOST,
    }
)

NOT_STARTED = frozenset({JobState.WAITING, JobState.QUEUED, JobState.CANCELLED, JobState.SKIPPED})

TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.WAITING: frozenset({JobState.QUEUED, JobState.CANCELLED, JobState.SKIPPED}),
    JobState.QUEUED: frozenset(
        # FAILED: the thread could not be started at all.
        {JobState.RUNNING, JobState.CANCELLED, JobState.SKIPPED, JobState.FAILED}
    ),
    JobState.RUNNING: frozenset(
        {
            JobState.KILLING,
            JobState.SUCCEEDED,
            JobState.FAILED,
            JobState.TIMED_OUT,
            JobState.LOST,
        }
    ),
    JobState.KILLING: frozenset(
        # TIMED_OUT: a time limit kills, too, and is seen to be killing until the thread has ended.
        {JobState.KILLED, JobState.SUCCEEDED, JobState.FAILED, JobState.TIMED_OUT}
    ),
}
"""What may follow each state. A state that is not a key is final."""
