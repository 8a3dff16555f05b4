"""What happens to jobs, and the two sides a job talks to: its executor and its manager."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from .capture.store import Limits
from .states import JobState
from .timers import Scheduler

if TYPE_CHECKING:
    from .endings import Ending
    from .groups import JobGroup
    from .job import Job


class EventKind(StrEnum):
    """What an event says about its job.

    STATE: it is in a new state (a new job's first event included). OUTPUT: there is output that
    its recorder's `take` has not returned yet. PROGRESS: it is further. REMOVED: it is gone.
    """

    STATE = "state"
    OUTPUT = "output"
    PROGRESS = "progress"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Something that happened to `job`; `state` is the state it was in then.

    `ending` is how it ended, in the event that says so: the job itself may have been removed since,
    and have let go of that.
    """

    kind: EventKind
    job: Job
    state: JobState
    ending: Ending | None = None


class Run(Protocol):
    """A job's code while it runs: the executor's handle, through which it is killed."""

    @property
    def ident(self) -> int | None:
        """The thread's ident; None if it is no thread of this process."""

    @property
    def native_id(self) -> int | None:
        """The thread's number with the operating system; None likewise."""

    def kill(self, *, force: bool) -> None:
        """Ask for its end and return at once; the asking goes on until it has ended."""

    def blocked_in(self) -> str | None:
        """Where it hangs, in one line; None if that cannot be told."""


class Engine(Protocol):
    """What runs jobs; one object of each is made when a job first names it.

    `start` is called in whatever thread has made the job ready, with no lock held. It must return
    soon (unless the engine runs jobs in the caller's thread) and see to it that, sooner or later,
    `job.begin(run)` is called once, then `job.finish(...)`; or `job.fail_to_start(error)`. A job
    that `begin` returns None for has been cancelled meanwhile.
    """

    def start(self, job: Job) -> None:
        """Run `job` as soon as there is room for it."""

    def attend(self, job: Job) -> None:
        """A job of this engine's has been submitted, in this thread, and may have begun."""

    def close(self, timeout: float) -> None:
        """End all that the engine holds, within `timeout` seconds. Its jobs have been killed."""


class Owner(Protocol):
    """What a job needs of its manager."""

    timers: Scheduler
    limits: Limits

    def publish(self, event: JobEvent) -> None:
        """Tell all subscribers."""

    def format_error(self, error: BaseException) -> str:
        """The traceback of `error` as text."""

    def ended(self, job: Job) -> None:
        """A job has ended: start what waited for that."""

    def rest(self, job: Job, *, keep_place: bool) -> None:
        """A job needs no thread until `wake`; it keeps its place in its queue or not."""

    def wake(self, job: Job) -> None:
        """A job that rested goes on."""

    def employ(self, make: Callable[[int], Job]) -> Job:
        """Make a job that is part of another, and keep it."""

    def admit(self, job: Job) -> None:
        """Start such a job when there is a place for it."""

    def map_again(self, group: JobGroup) -> JobGroup:
        """Run what a group has left undone, as a new group."""

    def check_wait(self, waiter: Job, target: Job) -> None:
        """Raise if `target` cannot end before `waiter`, which is about to wait for it."""

    def present(self, nums: Iterable[int]) -> list[Job]:
        """Those of the jobs that have not been removed."""

    def rerun(self, which: Job) -> Job:
        """Start the same work as a new job."""

    def show(self, which: Job) -> None:
        """Show a job's output to the user."""


class Chronicle(Protocol):
    """Knows the jobs of earlier sessions, too."""

    def history(self, **query: Any) -> Any:
        """The jobs that meet a query."""


class Display(Protocol):
    """Shows jobs to the user of a shell."""

    def show(self, job: Job) -> None:
        """Show a job: live while it runs, and all its output when it has ended."""

    def follow(self, job: Job) -> None:
        """Show a job's output as it comes, until the job has ended."""
