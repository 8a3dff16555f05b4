"""Starting jobs with options."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from .graph import call_task
from .groups import JobGroup
from .mapping import Work
from .optionchecks import check_count
from .sources import source_for
from .task import Options, Task, function_task

if TYPE_CHECKING:
    from .job import Job


class _Starter(Protocol):
    def start(self, task: Task, options: Options, kind: Callable[..., Job] = ...) -> Job: ...


class Submitter:
    """Starts jobs that all have the same options; made by `JobManager.options`."""

    __slots__ = ("_manager", "options")

    def __init__(self, manager: _Starter, options: Options) -> None:
        self._manager = manager
        self.options = options

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Job:
        """Start `fn(*args, **kwargs)` as a job with these options.

        An argument that is a job is waited for, and replaced by its result.

        Raises:
            TypeError: `fn` cannot be called.
            ValueError: An unfinished job has the name already.
            JobNotFound: A job to be waited for is not there.
            JobError: The manager is closed.
        """
        return self._manager.start(call_task(fn, args, kwargs), self.options)

    def map(
        self,
        fn: Callable[..., Any],
        /,
        *iterables: Iterable[Any],
        workers: int = 8,
        chunked: bool = False,
        ordered: bool = True,
        ahead: int | None = None,
    ) -> JobGroup:
        """Call `fn` for every item with these options; see `JobManager.map`.

        The retries are those of each item, the time limit is that of the whole, and in a queue
        the workers stand in line one by one.

        Raises:
            TypeError: `fn` cannot be called, or one of the iterables not iterated.
            ValueError: A number makes no sense, or an unfinished job has the name.
        """
        check_count(workers, "the number of workers", 1)
        if ahead is not None:
            check_count(ahead, "the number of results ahead", 1)
            if chunked:
                raise ValueError("ahead is for endless iterables, and chunked reads all of them")
        if not iterables:
            raise TypeError("map needs something to go through: jobs.map(fetch, urls)")
        if self.options.every is not None:
            raise ValueError("a map cannot be repeated: use every with a function that maps")
        task = function_task(fn, (), {})
        source, results = source_for(iterables, workers=workers, chunked=chunked, ahead=ahead)
        work = Work(fn, source, results, self.options, spread=len(iterables) > 1)
        kind = partial(JobGroup, work=work, workers=workers, ordered=ordered)
        group = self._manager.start(task, self.options, kind)
        assert isinstance(group, JobGroup)
        return group
