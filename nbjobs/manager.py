"""The manager: numbers jobs, starts them, finds them, and answers for all of them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, ClassVar

from . import shutdown, tracebacks
from .capture.store import Limits
from .coordination import Coordination, opener
from .dispatch import Dispatcher
from .engines import EngineSettings
from .events import EventStream
from .exceptions import JobError
from .graph import call_task, descendants
from .groups import JobGroup
from .job import Job
from .jobevents import Display, JobEvent
from .killing import KillResult
from .lanes import Lane
from .lookup import Lookup
from .pools import Pools
from .registry import Key, Registry
from .reports import Reports
from .submitter import Submitter
from .switchboard import Switchboard
from .task import NO_OPTIONS, Options, Task, expression_task
from .timers import Scheduler
from .upstream import BackgroundJobManager
from .viewing import Viewing
from .waits import Waits


# Upstream keeps `all` as an attribute; here it is derived.
class JobManager(  # type: ignore[override]
    Coordination, Pools, Waits, Lookup, Viewing, Reports, BackgroundJobManager
):
    """Runs jobs in the background and keeps them until they are removed.

    All of it may be called from any thread, with or without IPython. A manager is iterable (its
    jobs, oldest first), has a length, and can be used in a `with` statement, which waits for its
    jobs at the end, or kills them if the block raises.

    Example:
        >>> jobs = JobManager()
        >>> job = jobs.submit(pow, 2, 10)
        >>> job.get()
        1024
        >>> jobs.close()
    """

    #: Makes what `table` returns; the layer that can show tables puts it here.
    make_table: ClassVar[Callable[[JobManager], Any]]

    def __init__(self) -> None:
        # Not upstream's: it would set up lists for what is derived here.
        self._registry = Registry()
        self._events: EventStream[JobEvent] = EventStream()
        self._switchboard = Switchboard()
        self._dispatcher = Dispatcher(opener(self._switchboard.start))
        self._closed = False
        self.timers = Scheduler("nbjobs-timer")
        #: How much output is kept of each job started from now on.
        self.limits = Limits()
        #: Turns an error into the text of its traceback; IPython's colours come in here.
        self.render: Callable[[BaseException], str] = tracebacks.render
        #: Shows jobs to the user; None where there is no shell.
        self.display: Display | None = None
        shutdown.register(self)

    # Starting.

    def new(
        self,
        func_or_exp: Callable[..., Any] | str,
        *args: Any,
        kw: dict[str, Any] | None = None,
        daemon: bool = True,
    ) -> Job:
        """Start a job the way upstream does.

        Args:
            func_or_exp: A function, or an expression as a string.
            *args: The function's arguments; or the expression's global and local namespace,
                the caller's if none is given.
            kw: The function's keyword arguments.
            daemon: Accepted for upstream's sake; every job is a daemon.

        Raises:
            SyntaxError: The string is not an expression. No job is made.
            TypeError, ValueError: The arguments do not fit.
        """
        if isinstance(func_or_exp, str):
            if kw:
                raise TypeError("an expression takes no keyword arguments: leave out kw")
            if not args:
                frame = sys._getframe(1)
                args = (frame.f_globals, frame.f_locals)
            return self.start(expression_task(func_or_exp, *args), NO_OPTIONS)
        return self.start(call_task(func_or_exp, args, kw or {}), NO_OPTIONS)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Job:
        """Start `fn(*args, **kwargs)` as a job.

        Raises:
            TypeError: `fn` cannot be called.
            JobError: The manager is closed.
        """
        return self.start(call_task(fn, args, kwargs), NO_OPTIONS)

    def options(self, **options: Any) -> Submitter:
        """A submitter that starts jobs with these options.

        Args:
            **options: name, timeout, wait, silent: see `%job?`.

        Raises:
            TypeError, ValueError: An option is unknown, or its value makes no sense.

        Example:
            `jobs.options(name="crawl", timeout=60).submit(fetch_titles, urls)`
        """
        return Submitter(self, Options.of(options))

    def start(
        self,
        task: Task,
        options: Options,
        kind: Callable[..., Job] = Job,
        *,
        lane: Lane | None = None,
    ) -> Job:
        """Start `task` as a job. What all the ways to start a job come down to.

        Args:
            task: What to do.
            options: How to treat it.
            kind: Makes the job.
            lane: Where it stands in line; None for the queue that its options name, if any.

        Raises:
            ValueError: An unfinished job has the name already.
            JobNotFound: A job to be waited for is not there.
            JobError: The manager is closed.
            MissingExtra: The engine needs a package that is not installed.
        """
        if self._closed:
            raise JobError("this job manager is closed and starts no more jobs")
        self._switchboard.check(options.on)
        parents = None
        if options.after is not None or task.inputs is not None:
            parents = self._named_parents(task, options)
            if not parents and not (task.inputs and task.inputs.jobs):
                parents = None
        waits = parents is not None
        job = self._registry.add(
            lambda num: kind(num, task, options, self, waiting=waits), options.name
        )
        job.announce()
        self._place(job, task, parents, lane)
        self._switchboard.attend(job)
        if options.wait:
            job.wait()
        return job

    def rerun(self, which: Key) -> Job:
        """Start the work of a job again, as a new job with the same options.

        Raises:
            JobNotFound: There is no such job.
            JobError: It has let go of what it ran.
        """
        job = self[which] if not isinstance(which, Job) else which
        if isinstance(job, JobGroup):
            return job.retry()
        task = job.task
        if task is None:
            raise JobError(
                f"job {job.num} cannot run again: its function's arguments were let go when it "
                "succeeded. Submit it again with its arguments"
            )
        return self.start(task, self._options_again(job))

    @property
    def engines(self) -> EngineSettings:
        """What can be set about engines: the default, and how many worker processes there are."""
        return self._switchboard.settings

    def table(self) -> Any:
        """A table of all jobs, to be displayed: live in a notebook, text elsewhere."""
        return type(self).make_table(self)

    # Ending.

    def kill(
        self, *which: Key, children: bool = False, grace: float = 5.0, force: bool = False
    ) -> dict[int, KillResult]:
        """End jobs, all at the same time; see `Job.kill`.

        Args:
            *which: Numbers, names, jobs or ranges; all unfinished jobs if none is given.
            children: End the jobs that wait for them, too, whatever those wait for.
            grace: The longest time to wait, in seconds, for all of them together.
            force: Inject even where that may do harm.

        Returns:
            What became of each, by number.
        """
        jobs = self.select(*which) if which else self.running
        if children:
            jobs = descendants(jobs)
        # All are asked before the first is waited for, so that they end side by side.
        asked = {job: job.ask_to_end(force=force) for job in _last_first(jobs)}
        self._wait(jobs, grace)
        return {job.num: job.verdict(asked[job]) for job in jobs}

    def close(self, timeout: float = 2.0) -> None:
        """End it all: kill what runs, let `finally` blocks run, stop all threads.

        The jobs stay, with their results. Calling it again does nothing.

        Args:
            timeout: The longest time this may take, in seconds. What cannot be ended by then
                goes on in its daemon thread until the process ends.
        """
        if self._closed:
            return
        self._closed = True
        end = time.monotonic() + timeout
        self.kill(grace=timeout)
        self._switchboard.close(max(0.0, end - time.monotonic()))
        self.timers.join(max(0.0, end - time.monotonic()))
        shutdown.forget(self)

    def ask_all_to_end(self) -> Callable[[], bool]:
        """Have all jobs killed without waiting; for the interpreter's end.

        Returns:
            A function that tells whether all of them have ended.
        """
        jobs = _last_first(self.running)
        for job in jobs:
            job.ask_to_end()
        return lambda: not any(job.is_alive() for job in jobs)

    def __enter__(self) -> JobManager:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self.wait()
        self.close()

    # The jobs' side.

    def subscribe(self, callback: Callable[[JobEvent], object]) -> Callable[[], None]:
        """Call `callback` with everything that happens to a job from now on.

        It is called in whatever thread it happens in, and must return soon; an error in it is
        logged and does no harm.

        Returns:
            A function that ends the subscription.
        """
        return self._events.subscribe(callback)

    def publish(self, event: JobEvent) -> None:
        """Tell all subscribers; for the jobs."""
        self._events.publish(event)

    def format_error(self, error: BaseException) -> str:
        """The traceback of `error` as text, however broken the error is; for the jobs."""
        try:
            return self.render(error)
        except Exception:
            return tracebacks.render_safely(error)


def _last_first(jobs: list[Job]) -> list[Job]:
    """The jobs in an order in which the end of one does not start, or skip, another."""
    return sorted(jobs, key=lambda job: (job.state.started, -job.num))
