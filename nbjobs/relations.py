"""How a job stands to others: which it waits for, which wait for it, and in which queue it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .endings import Ending
from .jobcore import JobCore
from .states import JobState
from .text import listed, one_line

if TYPE_CHECKING:
    from .groups import JobGroup
    from .job import Job


class Kin:
    """The relations of one job.

    Numbers, not jobs: else a chain of jobs would keep each other alive after they are removed.

    Attributes:
        parents: The jobs it waits for, or waited for, by number.
        children: The jobs that wait for it, or did, by number.
        reason: What has gone wrong first, if it was skipped.
        failed: Whether that was a failure, as opposed to a kill or a cancellation.
    """

    __slots__ = ("children", "failed", "parents", "reason")

    def __init__(self, parents: tuple[int, ...] = ()) -> None:
        self.parents = parents
        self.children: list[int] = []
        self.reason = ""
        self.failed = False


class Related(JobCore):
    """A job among others; nothing is held here."""

    __slots__ = ()

    #: Whether it runs in a thread; a group does not, but its workers do.
    needs_thread: ClassVar[bool] = True

    @property
    def parts(self) -> list[Job]:
        """The jobs that it is made of; none but for a group."""
        return []

    @property
    def group(self) -> JobGroup | None:
        """The group that it is a worker of; None for all other jobs."""
        return None

    @property
    def queue(self) -> str | None:
        """The name of the queue that it runs in; None if in none."""
        return self.options.queue

    @property
    def parents(self) -> list[Job]:
        """The jobs it was made to wait for, without those that have been removed since."""
        return [] if self.kin is None else self._owner.present(self.kin.parents)

    @property
    def children(self) -> list[Job]:
        """The jobs that were made to wait for it, without those that have been removed since."""
        return [] if self.kin is None else self._owner.present(self.kin.children)

    def waits_for(self) -> str:
        """What keeps it from starting, in words; nothing if it has started."""
        if self.state is JobState.WAITING:
            missing = [str(job.num) for job in self.parents if not job.state.finished]
            return f"for {'job' if len(missing) == 1 else 'jobs'} {listed(missing)}"
        if self.state is JobState.QUEUED and self.queue is not None:
            return f"in queue {self.queue}"
        return ""

    def how_it_ended(self) -> str:
        """Its end as the reason for something else."""
        ending = self._ending
        name = f"job {self.num} ({self.label})"
        match self.state:
            case JobState.SUCCEEDED:
                return f"{name} succeeded"
            case JobState.FAILED if ending is not None:
                return f"{name} failed: {one_line(ending.text, 200)}"
            case JobState.TIMED_OUT:
                return f"{name} ran into its time limit"
            case state:
                return f"{name} was {state}"

    # The dispatcher's side.

    def enqueue(self) -> bool:
        """What it waited for has ended as it should; False if it was cancelled meanwhile."""
        with self._lock:
            if self._state is not JobState.WAITING:
                return False
            self._state = JobState.QUEUED
        self.announce()
        return True

    def skip(self, reason: str, *, failed: bool) -> None:
        """What it waited for did not end as it should: it will not run."""
        if self.kin is not None:
            self.kin.reason, self.kin.failed = reason, failed
        self._end(Ending.skipped(self.num, reason))

    def kept_value(self) -> Any:
        """What it returned, or where that is, for jobs that wait for it; it must have succeeded."""
        assert self._ending is not None
        return self._ending.value
