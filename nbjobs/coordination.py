"""Which job starts when: the manager's side of dependencies, queues and limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from . import deadlock, graph
from .dispatch import Dispatcher
from .exceptions import DependencyCycle, JobNotFound
from .graph import Link
from .groups import JobGroup
from .job import Job
from .lanes import Lane
from .optionchecks import check_count, check_name
from .queues import JobQueue
from .task import Options, Task

if TYPE_CHECKING:
    from .registry import Key, Registry


class Coordination:
    """Puts jobs in their places."""

    _dispatcher: Dispatcher
    _registry: Registry

    if TYPE_CHECKING:

        def select(self, *which: Key) -> list[Job]: ...

    # For the user.

    @property
    def limit(self) -> int | None:
        """How many jobs may hold a thread at the same time; None for no limit.

        Can be set; the others wait as QUEUED. What runs goes on.
        """
        return self._dispatcher.limit

    @limit.setter
    def limit(self, limit: int | None) -> None:
        if limit is not None:
            check_count(limit, "the limit of jobs that run at the same time", 1)
        self._dispatcher.set_limit(limit)

    def queue(self, name: str, width: int | None = None) -> JobQueue:
        """The queue of that name, in which jobs run in order.

        Args:
            name: What `--queue` and `options(queue=...)` call it by.
            width: How many of its jobs may run at a time, from now on; one if it is new.

        Raises:
            TypeError, ValueError: The name or the width makes no sense.
        """
        if name is None:
            raise TypeError("which queue? jobs.queue takes a name, as in jobs.queue('db')")
        check_name(name, "queue")
        if width is not None:
            check_count(width, "the width of a queue", 1)
        queue = JobQueue(self._dispatcher, self._dispatcher.lane(name))
        if width is not None:
            queue.width = width
        return queue

    # For the manager.

    def _named_parents(self, task: Task, options: Options) -> list[Job]:
        """The jobs that a new job is to wait for, apart from those whose results it is given.

        Raises:
            JobNotFound: One of them is not there.
            DependencyCycle: The new job is to wait for itself.
        """
        named = graph.keys(options.after)
        for key in named:
            if isinstance(key, str) and key == options.name and key not in self._registry.names():
                raise DependencyCycle(f"the job named {key!r} cannot wait for itself")
        parents = self._registry.select(*named)
        if task.inputs is not None:
            graph.check_present(task.inputs.jobs, self._registry.has)
        return parents

    def _place(self, job: Job, task: Task, parents: list[Job] | None, lane: Lane | None) -> None:
        """Start a new job when its time has come; `parents` is None if it waits for nobody."""
        if lane is None and job.options.queue is not None and job.needs_thread:
            lane = self._dispatcher.lane(job.options.queue)
        if parents is None:
            self._dispatcher.add(job, lane)
        else:
            self._dispatcher.add_waiting(Link(job, parents, task, job.options), lane)

    def _options_again(self, job: Job) -> Options:
        """The options for running a job again: what has ended is not waited for once more."""
        if not graph.keys(job.options.after):
            return job.options
        return replace(job.options, after=[each for each in job.parents if each.is_alive()])

    # For the jobs.

    def ended(self, job: Job) -> None:
        """A job has ended: start what waited for that."""
        self._dispatcher.ended(job)

    def rest(self, job: Job, *, keep_place: bool) -> None:
        """A job needs no thread until `wake`; it keeps its place in its queue or not."""
        self._dispatcher.rest(job, keep_place=keep_place)

    def wake(self, job: Job) -> None:
        """A job that rested goes on."""
        queue = job.options.queue
        self._dispatcher.wake(job, None if queue is None else self._dispatcher.lane(queue))

    def check_wait(self, waiter: Job, target: Job) -> None:
        """Raise if `target` cannot end before `waiter`, which is about to wait for it."""
        deadlock.check(self._dispatcher, waiter, target)

    def present(self, nums: Iterable[int]) -> list[Job]:
        """Those of the jobs that have not been removed."""
        found = []
        for num in list(nums):
            try:
                found.append(self._registry.find(num))
            except JobNotFound:
                continue
        return found

    def employ(self, make: Callable[[int], Job]) -> Job:
        """Make a job that is part of another, and keep it."""
        job = self._registry.add(make, None)
        job.announce()
        return job

    def admit(self, job: Job) -> None:
        """Start such a job when there is a place for it."""
        queue = job.options.queue
        self._dispatcher.add(job, None if queue is None else self._dispatcher.lane(queue))


def opener(start: Callable[[Job], None]) -> Callable[[Job], None]:
    """What the dispatcher starts jobs with: groups have no thread, their workers have."""

    def launch(job: Job) -> None:
        if isinstance(job, JobGroup):
            job.open()
        else:
            start(job)

    return launch
