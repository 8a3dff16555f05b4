"""One unit of work: its state, its result, and what can be done with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import Context
from typing import Any

from .attempts import Attempts, Log
from .awaiting import Awaited
from .context import current
from .descriptions import Described
from .endings import Ending
from .exceptions import JobKilled, JobNotFinished, JobTimeout
from .execution import Execution
from .jobevents import EventKind, JobEvent, Owner, Run
from .jobfuture import JobFuture
from .killing import KillResult
from .outputreader import OutputReader
from .progress import Count, Progress
from .relations import Kin, Related
from .states import TRANSITIONS, JobState
from .stopwatch import Stopwatch
from .task import Options, Task
from .text import seconds
from .threadlike import ThreadLike
from .timers import Timer
from .tracebacks import error_text


class Job(Attempts, Execution, Related, Awaited, OutputReader, Described, ThreadLike):
    """One piece of work that runs in the background; made by a `JobManager`.

    Attributes:
        num: Its number, from 0.
        source: What it runs: the code as it was typed, or the function's name.
        options: The options it was submitted with.
        clock: When it was submitted, started and ended.
        future: A `concurrent.futures.Future` with its result, for `concurrent.futures.wait`,
            `asyncio.wrap_future` and the like.
        kin: The jobs it waits for, and those that wait for it; None for none.
        awaits: The job whose end its code waits for right now, if that is another job.
        noticed: Whether the user has been shown, or has asked, how it ended.
    """

    __slots__ = ("__weakref__", "_progress", "future", "noticed", "source")

    def __init__(
        self, num: int, task: Task, options: Options, owner: Owner, *, waiting: bool = False
    ) -> None:
        super().__init__(owner.limits)
        self.num = num
        self.source = task.source
        self.options = options
        self.clock = Stopwatch()
        self.future: JobFuture = JobFuture(self)
        self.noticed = False
        self._owner = owner
        # Guards the state and what changes with it (_run, _timer, _task, _ending). Never held
        # while anything foreign is called.
        self._lock = threading.Lock()
        self._state = JobState.WAITING if waiting else JobState.QUEUED
        self._task: Task | None = task
        self._run: Run | None = None
        self._timer: Timer | None = None
        self._timed_out = False
        self._ending: Ending | None = None
        self._error_text = ""
        self._progress = Count(None, None)
        self._log: Log | None = None
        self.kin: Kin | None = None
        self.awaits = None

    # What it is.

    @property
    def state(self) -> JobState:
        """Where the job is in its life."""
        return self._state

    @property
    def progress(self) -> Progress:
        """How far it is, as a pair `(done, total)`; call it to say so: `progress(3, 10)`."""
        return Progress.of(self._progress, self.report_progress)

    # What can be done with it.

    def kill(self, grace: float = 5.0, *, force: bool = False) -> KillResult:
        """End it: at once where it is awake, and by waking it where it is blocked.

        Its `finally` blocks run. Until it has really ended its state is KILLING, and
        `blocked_in` says where it hangs; the kill goes on after `grace`, for as long as it takes.

        Args:
            grace: The longest time in seconds to wait for its end; 0 to return at once.
            force: Inject even where that may leave a lock held or cut a `finally` block short.

        Returns:
            KILLED, PENDING (it has not ended yet) or TOO_LATE (it had ended by itself).
        """
        alive = self.ask_to_end(force=force)
        self.wait(grace)
        return self.verdict(alive)

    def ask_to_end(self, *, force: bool = False, timed_out: bool = False) -> bool:
        """Have it killed, or cancelled, without waiting; False if it has ended already."""
        if self.cancel():
            return True
        with self._lock:
            if self._run is None:
                return not self._state.finished
            run = self._run
            changed = self._state is JobState.RUNNING
            if changed:
                self._state = JobState.KILLING
                self._timed_out = timed_out
        if changed:
            self._publish(EventKind.STATE, JobState.KILLING)
        run.kill(force=force)
        return True

    def verdict(self, alive: bool) -> KillResult:
        """What a kill has come to that found the job `alive`, or ended."""
        state = self._state
        if not state.finished:
            return KillResult.PENDING
        ours = state.dead and state is not JobState.FAILED
        return KillResult.KILLED if ours and alive else KillResult.TOO_LATE

    def cancel(self) -> bool:
        """Take it back if it has not started; True if that was still possible."""
        return not self._state.started and self._end(Ending.cancelled(self.num))

    def rerun(self) -> Job:
        """Start the same work again, as a new job with the same options.

        Raises:
            JobError: It has succeeded and let go of its function's arguments, or was removed.
        """
        return self._owner.rerun(self)

    def notice(self) -> None:
        """The user knows how it ended, if it has: no need to report that."""
        self.noticed = self.noticed or self._state.finished

    # The executor's side.

    def announce(self) -> None:
        """It has been made: tell everybody."""
        self._publish(EventKind.STATE, self._state)

    def begin(self, run: Run) -> Callable[[], Any] | None:
        """The work starts now, on `run`.

        Returns:
            What to call, once; None if the job has been cancelled meanwhile.
        """
        timeout = self.options.timeout
        with self._lock:
            # RUNNING: it has been so since its first attempt, and the next one begins.
            if self._state not in (JobState.QUEUED, JobState.RUNNING) or self._task is None:
                return None
            self._state = JobState.RUNNING
            self._run = run
            first = self._begin_attempt()
            if first:
                self.clock.start()
            call = self._task.call
            if timeout is not None:
                self._timer = self._owner.timers.call_later(timeout, self._time_out)
            if first:
                self.future.set_running_or_notify_cancel()
        self._publish(EventKind.STATE, JobState.RUNNING)
        # Empty, so that nothing of whoever started the thread is inherited: neither a job's
        # identity nor ipykernel's idea of the cell that output belongs to.
        return lambda: Context().run(self._execute, call)

    def finish(
        self, value: Any, error: BaseException | None, *, killed: bool, text: str = ""
    ) -> None:
        """The work is over: it returned `value` or raised `error`, `killed` by us or not."""
        self._error_text = text or self._error_text
        try:
            if self._again(value, error, killed=killed):
                return
            ending = self._judge(value, error, killed=killed)
        except Exception as fault:
            # Whatever went wrong here, the job must end, and be seen to.
            ending = Ending.failure(fault, error_text(fault))
        self._end(ending)

    def fail_to_start(self, error: BaseException) -> None:
        """It could not be started at all, because of `error`."""
        self._end(Ending.failure(error, error_text(error)))

    # The manager's side.

    def release(self) -> Task | None:
        """The job has been removed: let go of its result at once. Returns what a rerun needs."""
        with self._lock:
            task, self._task = self._task, None
            if self._ending is not None:
                self._ending = self._ending.removed(self.num)
                future = JobFuture(self)
                future.complete(self._ending)
                self.future = future
            self._recorder = None
        self._publish(EventKind.REMOVED, self._state)
        return task

    @property
    def task(self) -> Task | None:
        """What a rerun would do; None when it has been let go."""
        return self._task

    # Inside.

    def _judge(self, value: Any, error: BaseException | None, *, killed: bool) -> Ending:
        if killed:
            with self._lock:
                # Also when the kill came round the job, by its thread.
                self._state = JobState.KILLING
            after = seconds(self.elapsed)
            reason: JobKilled | JobTimeout = JobKilled(f"job {self.num} was killed after {after}")
            if self._timed_out:
                limit = seconds(self.options.timeout)
                reason = JobTimeout(f"job {self.num} ran into its time limit of {limit}")
            return Ending.cut_short(reason, error)
        if error is not None:
            return Ending.failure(error, self._error_text or error_text(error))
        task = self._task
        if task is not None and task.commit is not None:
            task.commit(value)
        return Ending.success(value)

    def _end(self, ending: Ending) -> bool:
        """Take the last step; False if the state does not allow it (any more)."""
        with self._lock:
            if ending.state not in TRANSITIONS.get(self._state, ()):
                return False
            self.clock.stop()
            self._ending = ending
            self._state = ending.state
            self._run = None
            timer, self._timer = self._timer, None
            future = self.future
            if self._task is not None and not self._task.code_only and ending.error is None:
                self._task = None
        if timer is not None:
            timer.cancel()
        future.complete(ending)
        self._owner.publish(JobEvent(EventKind.STATE, self, ending.state, ending))
        self._owner.ended(self)
        return True

    def _ended(self) -> Ending:
        ending = self._ending
        if ending is None:
            raise JobNotFinished(
                f"job {self.num} has not ended ({self.summary()}); job.get() waits for it"
            )
        self.notice()
        return ending

    def _time_out(self) -> None:
        if self._state is JobState.RUNNING and not self._end_attempt():
            self.ask_to_end(timed_out=True)

    def report_progress(self, count: Count) -> None:
        """Its code has come so far."""
        self._progress = count
        self._publish(EventKind.PROGRESS, self._state)

    def _publish(self, kind: EventKind, state: JobState) -> None:
        self._owner.publish(JobEvent(kind, self, state))


def current_job() -> Job | None:
    """The job that the running code belongs to; None in code that belongs to none."""
    job: Job | None = current.get()
    return job
