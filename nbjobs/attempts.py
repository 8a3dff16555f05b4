"""A job that runs more than once: again after a failure, or again and again.

Between two attempts it holds no thread. It stays RUNNING, and what it runs on is a `Pause`, which
a kill ends at once.
"""

from __future__ import annotations

import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from .backoff import delay
from .endings import Ending
from .exceptions import JobKilled, JobTimeout
from .jobcore import JobCore
from .states import JobState
from .text import plural, seconds
from .tracebacks import error_text

if TYPE_CHECKING:
    from .job import Job
    from .timers import Scheduler, Timer

KEPT = 100
"""How many failures are remembered."""


class Log:
    """What a job has been through.

    Attributes:
        number: How many attempts have begun.
        streak: How many have failed since the last that succeeded.
        failures: What they failed with, in a line each; the newest.
        began: When the last one began, by `time.monotonic`.
        next: When the next one begins, likewise; None while one runs.
    """

    __slots__ = ("began", "failures", "next", "number", "streak")

    def __init__(self) -> None:
        self.number = 0
        self.streak = 0
        self.failures: deque[str] = deque(maxlen=KEPT)
        self.began = 0.0
        self.next: float | None = None


class Pause:
    """What a job runs on between two attempts."""

    __slots__ = ("_job", "timer")

    ident = None
    native_id = None

    def __init__(self, job: Attempts) -> None:
        self._job = job
        self.timer: Timer | None = None

    def kill(self, *, force: bool) -> None:
        """End the job right here."""
        self._job.end_in_pause()
        if self.timer is not None:
            self.timer.cancel()

    def blocked_in(self) -> None:
        """It hangs nowhere."""


class Attempts(JobCore):
    """The attempts of a job; only those that may need several keep a log."""

    __slots__ = ()

    @property
    def timers(self) -> Scheduler:
        """Calls things later; for what runs it."""
        return self._owner.timers

    @property
    def attempts(self) -> int:
        """How many times its work has been begun."""
        return self._log.number if self._log is not None else int(self._state.started)

    @property
    def failures(self) -> list[str]:
        """What earlier attempts failed with, in a line each; the last 100."""
        return [] if self._log is None else list(self._log.failures)

    def attempts_text(self) -> str:
        """The attempts in words, such as `attempt 2 of 4, in 3 s`; nothing if there is only one."""
        log, options = self._log, self.options
        if log is None or not log.number:
            return ""
        pause = log.next
        soon = f", again in {seconds(max(0.0, pause - time.monotonic()))}" if pause else ""
        if options.every is not None:
            last = f", {log.failures[-1]}" if log.streak else ""
            return f"{plural(log.number, 'run')}{last}{soon}"
        if log.number == 1 and not soon:
            return ""
        last = f" ({log.failures[-1]})" if soon else ""
        return f"attempt {log.number} of {options.retries + 1}{last}{soon}"

    def end_in_pause(self) -> None:
        """Killed between two attempts; for `Pause`."""
        after = seconds(self.clock.elapsed)
        error = JobKilled(f"job {self.num} was killed after {after}, between two attempts")
        self._end(Ending.cut_short(error, None))

    def _begin_attempt(self) -> bool:
        """An attempt begins; True if it is the first. The job's lock must be held."""
        if not self.options.retries and self.options.every is None:
            return True
        if self._log is None:
            self._log = Log()
        log = self._log
        log.number += 1
        log.began = time.monotonic()
        log.next = None
        return log.number == 1

    def _again(self, value: Any, error: BaseException | None, *, killed: bool) -> bool:
        """Whether there is to be another attempt after this one, which is then arranged for."""
        log, every = self._log, self.options.every
        if log is None or (killed and not self._timed_out):
            return False
        if killed or error is not None:
            failure = JobTimeout("it ran into its time limit") if killed else error
            if not self._may_retry(failure):
                return False
            log.streak += 1
            assert failure is not None
            text = "" if killed else self._error_text
            log.failures.append(text or error_text(failure))
            return self._rest(delay(log.streak, self.options.retry_delay), keep_place=True)
        if every is None:
            return False
        log.streak = 0
        if self._task is not None and self._task.commit is not None:
            self._task.commit(value)
        # A run that took longer than the interval is followed by the next at once; what was missed
        # is not made up for.
        due = log.began + every
        return self._rest(max(0.0, due - time.monotonic()), keep_place=False)

    def _end_attempt(self) -> bool:
        """The attempt has run into its time limit; False if the whole job is to end with it."""
        with self._lock:
            run = self._run
            if self._state is not JobState.RUNNING or not self._may_retry(JobTimeout()):
                return False
            self._timed_out = True
        if run is not None:
            run.kill(force=False)
        return True

    def _may_retry(self, failure: BaseException | None) -> bool:
        log, options = self._log, self.options
        allowed = options.retry_on if isinstance(options.retry_on, tuple) else (options.retry_on,)
        return log is not None and log.streak < options.retries and isinstance(failure, allowed)

    def _rest(self, pause: float, *, keep_place: bool) -> bool:
        resting = Pause(self)
        with self._lock:
            if self._state is not JobState.RUNNING:
                return False  # It is being killed: whatever this attempt came to, it ends.
            timer, self._timer = self._timer, None
            self._run = resting
            self._timed_out = False
            if self._log is not None:
                self._log.next = time.monotonic() + pause
        if timer is not None:
            timer.cancel()
        job: Job = self  # type: ignore[assignment]  # The mixin of that one class.
        self._owner.rest(job, keep_place=keep_place)
        resting.timer = self._owner.timers.call_later(pause, partial(self._owner.wake, job))
        if self._state.finished:
            resting.timer.cancel()  # Killed before it could know its timer.
        self.announce()
        return True
