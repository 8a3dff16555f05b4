"""Many calls at once: maps, executors, functions that return jobs, and repetition."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from . import graph
from .drawing import JobGraph
from .exceptions import JobError
from .graph import call_task
from .groups import JobGroup
from .job import Job
from .pool import JobExecutor
from .submitter import Submitter
from .task import NO_OPTIONS, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .registry import Key
    from .task import Task

P = ParamSpec("P")
R = TypeVar("R")


class Pools:
    """The manager's ways to start more than one call; nothing is held here."""

    if TYPE_CHECKING:

        def __iter__(self) -> Iterator[Job]: ...

        def select(self, *which: Key) -> list[Job]: ...

        def discard(self, job: Job) -> None: ...

        def start(
            self, task: Task, options: Options, kind: Callable[..., Job] = ..., *, lane: Any = None
        ) -> Job: ...

    def map(
        self,
        fn: Callable[..., Any],
        /,
        *iterables: Iterable[Any],
        workers: int = 8,
        chunked: bool = False,
        ordered: bool = True,
        retries: int = 0,
        name: str | None = None,
        ahead: int | None = None,
        on: Any = None,
    ) -> JobGroup:
        """Call `fn` for every item, in several workers at once; returns at once.

        Args:
            fn: What to call, with one argument from each iterable, as the builtin `map` does.
            *iterables: The items. Lists, tuples and ranges are copied; anything else is gone
                through as workers get free, so it may be slow, or endless.
            workers: How many items are worked on at a time.
            chunked: Deal the items out beforehand, like cards, instead of one by one. The
                iterables are read to their end first.
            ordered: Whether iterating over the group gives the results as the items came, or as
                they are done.
            retries: How many times more to try an item that fails, after a growing pause in which
                its worker goes on with others.
            name: A name to call the group by.
            ahead: How many results may wait to be iterated over before the workers pause. Each is
                then handed out once and not kept: for iterables without end.
            on: Where the workers run: an engine's name such as "process", or an executor.

        Raises:
            TypeError: `fn` cannot be called, or one of the iterables not iterated.
            ValueError: A number makes no sense, or an unfinished job has the name.
            JobError: The manager is closed.

        Example:
            `group = jobs.map(fetch_title, urls); for title in group: ...`
        """
        return Submitter(self, Options(name=name, retries=retries, on=on)).map(
            fn, *iterables, workers=workers, chunked=chunked, ordered=ordered, ahead=ahead
        )

    def map_again(self, group: JobGroup) -> JobGroup:
        """Run what a group has left undone, as a new group; see `JobGroup.retry`."""
        kind, task = group.successor(), group.task
        if task is None:
            raise JobError(f"job {group.num} cannot run again: it has been removed")
        again = self.start(task, group.options, kind)
        assert isinstance(again, JobGroup)
        return again

    def executor(
        self,
        max_workers: int | None = None,
        name: str | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
    ) -> JobExecutor:
        """A `concurrent.futures.Executor` whose calls are jobs.

        Args:
            max_workers: How many calls may run at a time; as many as in the standard library's
                `ThreadPoolExecutor` if None.
            name: What to call it in messages.
            initializer: Called in each thread before its first call of this executor. If it
                raises, all calls that have not begun fail with `BrokenThreadPool`.
            initargs: Its arguments.

        Raises:
            TypeError, ValueError: `max_workers` is not a whole number above 0, or the
                initializer cannot be called.
        """
        return JobExecutor(self, max_workers, name, initializer, initargs)

    @overload
    def background(self, fn: Callable[P, R], /) -> Callable[P, Job]: ...

    @overload
    def background(self, /, **options: Any) -> Callable[[Callable[P, R]], Callable[P, Job]]: ...

    def background(self, fn: Any = None, /, **options: Any) -> Any:
        """Decorate a function so that calling it starts a job, and returns that.

        Args:
            fn: The function.
            **options: The options of its jobs, as in `JobManager.options`.

        Raises:
            TypeError: What is decorated cannot be called.

        Example:
            `@jobs.background` or `@jobs.background(timeout=60, retries=2)`
        """
        submitter = Submitter(self, Options.of(options) if options else NO_OPTIONS)

        def decorate(function: Callable[P, R]) -> Callable[P, Job]:
            call_task(function, (), {})  # Raises here, not at the first call.

            @functools.wraps(function)
            def start(*args: P.args, **kwargs: P.kwargs) -> Job:
                return submitter.submit(function, *args, **kwargs)

            return start

        return decorate if fn is None else decorate(fn)

    def every(self, seconds: float, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Job:
        """Call `fn(*args, **kwargs)` again and again, until the job is killed.

        The calls begin so many seconds apart, but never before the last one has ended; between
        two calls no thread is held. One that raises ends the job as failed: to go on all the
        same, use `options(every=..., retries=...)`.

        Raises:
            TypeError, ValueError: The interval is no positive number, or `fn` cannot be called.
        """
        if seconds is None:
            raise TypeError("how often? jobs.every takes the seconds from one start to the next")
        return Submitter(self, Options(every=seconds)).submit(fn, *args, **kwargs)

    def graph(self, *which: Key) -> JobGraph:
        """A drawing of what waits for what: Mermaid text, and a picture in a notebook.

        Args:
            *which: Numbers, names, jobs or ranges, drawn with all that waits for them; all jobs
                that wait or are waited for if none is given.

        Raises:
            JobNotFound: One of them is not there.
        """
        if which:
            return JobGraph(graph.descendants(self.select(*which)))
        return JobGraph([job for job in self if job.kin is not None])
