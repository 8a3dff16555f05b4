"""How a job ended: the one place where its result or its error is held."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from . import resultref
from .exceptions import JobCancelled, JobError, JobKilled, JobNotFound, JobSkipped, JobTimeout
from .resultref import ResultRef
from .states import JobState
from .text import one_line, short_repr, type_name
from .tracebacks import cut_off, place, without_our_frames


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a job.

    Attributes:
        state: A finished state.
        value: What the work returned, if it succeeded; or a `ResultRef`, if that is elsewhere.
        error: The error that a reader gets to see, if it did not.
        text: The error in a line.
        trace: The traceback to raise `error` with. Kept beside it because raising an error again
            and again makes its own traceback longer and longer.
    """

    state: JobState
    value: Any = None
    error: BaseException | None = None
    text: str = ""
    trace: TracebackType | None = None

    @classmethod
    def success(cls, value: Any) -> Ending:
        """The work returned `value`."""
        return cls(JobState.SUCCEEDED, value=value)

    @classmethod
    def failure(cls, error: BaseException, text: str) -> Ending:
        """The work raised `error`. Its frames are kept, for the traceback and for a debugger."""
        trace = without_our_frames(error)
        return cls(JobState.FAILED, error=error.with_traceback(trace), text=text, trace=trace)

    @classmethod
    def cut_short(cls, error: JobKilled | JobTimeout, cause: BaseException | None) -> Ending:
        """The work was ended from outside; `cause` shows where it was.

        The frames keep their place in the traceback but let go of their variables.
        """
        state = JobState.KILLED if isinstance(error, JobKilled) else JobState.TIMED_OUT
        trace = None if cause is None else cut_off(cause)
        traceback.clear_frames(trace)
        return cls(state, error=error.with_traceback(trace), text=place(trace), trace=trace)

    @classmethod
    def cancelled(cls, num: int) -> Ending:
        """It was taken back before its start."""
        error = JobCancelled(f"job {num} was cancelled before it started")
        return cls(JobState.CANCELLED, error=error)

    @classmethod
    def skipped(cls, num: int, reason: str) -> Ending:
        """It was not started, because of how other jobs ended; `reason` says which and how."""
        error = JobSkipped(f"job {num} was skipped because {reason}")
        return cls(JobState.SKIPPED, error=error, text=f"because {reason}")

    def removed(self, num: int) -> Ending:
        """What is left when the job has been removed: its state, but neither result nor error."""
        error = JobNotFound(f"job {num} has been removed, and its result with it")
        return Ending(self.state, error=error, text=str(error))

    @property
    def raisable(self) -> BaseException:
        """The error to raise in a reader.

        SystemExit, KeyboardInterrupt and GeneratorExit would do to the reader what they did to
        the job, so they arrive as the cause of a JobError.
        """
        assert self.error is not None
        if isinstance(self.error, Exception):
            return self.error.with_traceback(self.trace)
        wrapped = JobError(f"the job ended with {self.text}")
        wrapped.__cause__ = self.error.with_traceback(self.trace)
        return wrapped

    def read(self, timeout: float | None = None) -> Any:
        """Return the result, or raise the error; see `ResultRef.read`."""
        if self.error is None:
            return resultref.read(self.value, timeout)
        raise self.raisable

    def summary(self, width: int = 60) -> str:
        """The result or the error in at most `width` characters."""
        return self.brief(width)[1] if self.error is None else one_line(self.text, width)

    def brief(self, width: int) -> tuple[str, str]:
        """The result's type, and the result in at most `width` characters."""
        value = self.value
        if isinstance(value, ResultRef):
            return value.type_name, one_line(value.text, width)
        return type_name(type(value)), short_repr(value, width)
