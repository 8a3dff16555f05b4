"""Dependencies: what a job waits for, and what becomes of it when that has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from . import resultref
from .exceptions import JobNotFound
from .job import Job
from .relations import Kin
from .states import JobState
from .task import Options, Task, function_task

FAILURES = frozenset({JobState.FAILED, JobState.TIMED_OUT})


class Call:
    """A call some of whose arguments are jobs; each is replaced by its result when it has one."""

    __slots__ = ("_args", "_function", "_kwargs", "_missing")

    def __init__(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self._function = function
        self._args = list(args)
        self._kwargs = dict(kwargs)
        found = [each for each in (*args, *kwargs.values()) if isinstance(each, Job)]
        self._missing = {job.num: job for job in found}

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Those whose results are missing."""
        return tuple(self._missing.values())

    def fill(self, num: int, value: Any) -> None:
        """Job `num` has succeeded with `value`: taken now, since the job may be removed soon."""
        job = self._missing.pop(num)
        self._args = [value if each is job else each for each in self._args]
        self._kwargs = {k: value if each is job else each for k, each in self._kwargs.items()}

    @property
    def elsewhere(self) -> list[resultref.ResultRef]:
        """The results that are not here yet."""
        return [each for each in resultref.among(self._args, self._kwargs) if not each.near]

    def parts(self) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
        """The function, its arguments and its keyword arguments; some may be `ResultRef`s."""
        return self._function, tuple(self._args), self._kwargs

    def __call__(self) -> Any:
        args = [resultref.read(each) for each in self._args]
        return self._function(*args, **{k: resultref.read(v) for k, v in self._kwargs.items()})


def call_task(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Task:
    """The task that calls a function, with the results of those arguments that are jobs.

    Raises:
        TypeError: It cannot be called.
    """
    task = function_task(function, args, kwargs)
    for each in (*args, *kwargs.values()) if kwargs else args:
        if isinstance(each, Job):
            call = Call(function, args, kwargs)
            return Task(call, task.source, inputs=call)
    return task


def keys(after: object) -> tuple[Any, ...]:
    """What `after` names, one by one: text may hold several, separated by commas."""
    if after is None:
        return ()
    if isinstance(after, str):
        return tuple(part.strip() for part in after.split(",") if part.strip())
    if isinstance(after, Iterable) and not isinstance(after, Job):
        return tuple(key for each in after for key in keys(each))
    return (after,)


class Link:
    """What one waiting job waits for.

    The dispatcher's lock guards it.

    Attributes:
        job: The one that waits.
        ready: Whether it may start.
        reason: Why it will never start; empty as long as it may.
        failed: Whether that is because of a failure.
    """

    __slots__ = ("_any", "_inputs", "_pending", "_when", "failed", "job", "ready", "reason")

    def __init__(self, job: Job, after: Iterable[Job], task: Task, options: Options) -> None:
        self.job = job
        self.ready = False
        self.reason = ""
        self.failed = False
        self._when = options.when
        self._any = options.any
        self._inputs = task.inputs
        self._pending = set(after)

    @property
    def parents(self) -> tuple[Job, ...]:
        """All that it still waits for."""
        given = self._inputs.jobs if self._inputs is not None else ()
        return tuple(dict.fromkeys((*self._pending, *given)))

    @property
    def needed(self) -> list[Job]:
        """Those without whose end it cannot start; where any of several will do, none of them."""
        given = list(self._inputs.jobs) if self._inputs is not None else []
        if not self._any or len(self._pending) == 1:
            given += self._pending
        return given

    def parent_ended(self, parent: Job) -> None:
        """A job that it waits for has ended."""
        if self.ready or self.reason:
            return
        if self._inputs is not None and parent in self._inputs.jobs:
            if parent.state is JobState.SUCCEEDED:
                self._inputs.fill(parent.num, parent.kept_value())
            else:
                self._give_up(parent)
                return
        if parent in self._pending:
            self._pending.discard(parent)
            if self._any:
                if _satisfied(parent, self._when):
                    self._pending.clear()
                elif not self._pending:
                    self._give_up(parent)
            elif not _satisfied(parent, self._when):
                self._give_up(parent)
        self.ready = not self.reason and not self.parents

    def _give_up(self, parent: Job) -> None:
        kin = parent.kin
        if parent.state is JobState.SKIPPED and kin is not None:
            self.reason, self.failed = kin.reason, kin.failed
        else:
            self.reason = parent.how_it_ended()
            self.failed = parent.state in FAILURES


def _satisfied(parent: Job, when: str) -> bool:
    state = parent.state
    if when == "success":
        return state is JobState.SUCCEEDED
    if when == "failure":
        kin = parent.kin
        return state in FAILURES or (state is JobState.SKIPPED and bool(kin and kin.failed))
    return True


def link_jobs(job: Job, parents: Iterable[Job]) -> None:
    """Note who waits for whom, for those who ask later. The dispatcher's lock must be held."""
    several = tuple(parents)
    job.kin = Kin(tuple(parent.num for parent in several))
    for parent in several:
        if parent.kin is None:
            parent.kin = Kin()
        parent.kin.children.append(job.num)


def descendants(jobs: Iterable[Job]) -> list[Job]:
    """The jobs, and all that directly or indirectly wait for them, each once."""
    found: dict[Job, None] = {}
    waiting = list(jobs)
    while waiting:
        job = waiting.pop(0)
        if job not in found:
            found[job] = None
            waiting += job.children
    return list(found)


def check_present(jobs: Iterable[Job], present: Callable[[object], bool]) -> None:
    """Raise if one of the jobs is not, or no longer, there.

    Raises:
        JobNotFound: It has been removed, or belongs to another manager.
    """
    for job in jobs:
        if not present(job):
            raise JobNotFound(
                f"job {job.num} cannot be waited for: it has been removed, or belongs to another "
                "manager"
            )
