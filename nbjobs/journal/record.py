"""A job as the journal has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from ..exceptions import JobError
from ..progress import Count
from ..states import JobState
from ..text import label_of, one_line, seconds
from . import parts

if TYPE_CHECKING:
    from .history import Reader

COLUMNS = (
    "jobs.id, session, num, state, name, source, is_code, options, submitted, jobs.started, "
    "jobs.ended, elapsed, done, total, attempts, error, result_type, result_repr, result_note"
)


class Shell(Protocol):
    """What records can be shown by, and started again."""

    def show(self, record: Record) -> None:
        """Show a record's output."""

    def rerun(self, record: Record) -> Any:
        """Start a record's work as a new job."""


@dataclass(frozen=True, repr=False)
class Record:
    """One job of this session or an earlier one; made by `History`.

    Attributes:
        id: Its number in the journal.
        session: The number of its session there.
        num: The number it had in that session.
        state: How it ended; LOST if its kernel died first.
        name: The name it was given.
        source: What it ran.
        is_code: Whether that was code, and not a function that was handed over.
        options: The options it was given, by name.
        submitted: When it was made.
        started: When its work began; None if it never did.
        completed: When it ended; None if it has not.
        elapsed: Seconds it ran.
        progress: How far it was, as (done, total).
        attempts: How many times its work was begun.
        error: What it died of, in a line; empty if it did not.
        result_type: The type of its result; empty if there is none.
        result_repr: Its result in short.
        result_note: Why its result was not kept; empty if it was.
    """

    id: int
    session: int
    num: int
    state: JobState
    name: str | None
    source: str
    is_code: bool
    options: dict[str, Any]
    submitted: datetime
    started: datetime | None
    completed: datetime | None
    elapsed: float
    progress: Count
    attempts: int
    error: str
    result_type: str
    result_repr: str
    result_note: str
    _reader: Reader = field(compare=False)

    # What it came to.

    @property
    def result(self) -> Any:
        """What it returned, loaded from the journal: that may run code that is in there.

        Raises:
            JobError: It has not succeeded, its result was not kept, or cannot be loaded; or the
                journal is not yours alone.
            MissingExtra: Loading it needs a package that is not installed.
        """
        if self.state is not JobState.SUCCEEDED:
            raise JobError(f"job {self.id} of the journal has no result: {self.summary()}")
        if self.result_note:
            raise JobError(
                f"the result of job {self.id} was not kept, only its type and short form, "
                f"{self.result_type}: {self.result_repr}. The reason: {self.result_note}"
            )
        # Here: most who look back load nothing.
        from .pickles import load

        return load(self._reader.pickled(self.id))

    def traceback(self) -> None:
        """Print the traceback it died with; say so if there is none."""
        print(
            self._reader.traceback(self.id) or f"Job {self.id} has no traceback: {self.summary()}"
        )

    # What it put out.

    @property
    def stdout(self) -> str:
        """What it printed, as far as that was kept."""
        return parts.text(self._reader.parts(self.id), "stdout")

    @property
    def stderr(self) -> str:
        """What it printed to stderr."""
        return parts.text(self._reader.parts(self.id), "stderr")

    @property
    def printed(self) -> str:
        """What it printed on both streams, as it came."""
        return parts.text(self._reader.parts(self.id), "stdout", "stderr")

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """Everything it put out, in order, as outputs of a notebook file."""
        return parts.outputs(self._reader.parts(self.id))

    def show(self) -> None:
        """Show its output in the running cell; without a shell, print it."""
        shell = self._reader.shell
        if shell is None:
            print(self.summary())
            print(self.printed)
        else:
            shell.show(self)

    # What can be done with it.

    def rerun(self) -> Any:
        """Start the same code again in this session, as a new job with the same options.

        Raises:
            JobError: It was a function with its arguments, which are not kept.
        """
        shell = self._reader.shell
        if shell is None:
            raise JobError("there is no shell to run it in: start it from the source that it has")
        return shell.rerun(self)

    # In words.

    @property
    def label(self) -> str:
        """Its name, or the first line of its source."""
        return label_of(self.name, self.source)

    def outcome(self, width: int = 60) -> str:
        """The result or the error, in at most `width` characters; of a lost job, its progress."""
        if self.state is JobState.LOST:
            done, total = self.progress
            of = "" if total is None else f" of {total:g}"
            return "" if done is None else one_line(f"{done:g}{of} done", width)
        return one_line(self.error or self.result_repr, width)

    def summary(self, width: int = 60) -> str:
        """State, time and outcome in a line."""
        after = f" after {seconds(self.elapsed)}" if self.started is not None else ""
        outcome = self.outcome(width)
        return f"{self.state}{after}" + (f": {outcome}" if outcome else "")

    def as_dict(self) -> dict[str, Any]:
        """What is known of it, without its output and result, as JSON can hold it."""
        moments = {
            name: moment and moment.isoformat()
            for name in ("submitted", "started", "completed")
            for moment in (getattr(self, name),)
        }
        names = ("id", "session", "num", "name", "source", "options", "elapsed", "attempts",
                 "error", "result_type", "result_repr", "result_note")  # fmt: skip
        return {
            **{name: getattr(self, name) for name in names},
            "state": self.state.value,
            **moments,
            "progress": list(self.progress),
        }

    def __repr__(self) -> str:
        return f"<Record {self.id} [{self.summary()}] {self.label}>"


def record_of(row: tuple[Any, ...], reader: Reader, now: Callable[[int], float | None]) -> Record:
    """The record of a row of `COLUMNS`; `now` is asked for the time by the sessions that run."""
    (id_, session, num, state, name, source, is_code, options, submitted, started, ended, elapsed,
     done, total, attempts, error, type_, repr_, note) = row  # fmt: skip
    its = JobState(state)
    if not its.finished:
        moment = now(session)
        if moment is None:
            its = JobState.LOST
        elif started is not None:
            elapsed = max(elapsed, moment - started)
    return Record(
        id_, session, num, its, name, source, bool(is_code), json.loads(options),
        _date(submitted), started and _date(started), ended and _date(ended), elapsed,
        Count(done, total), attempts, error or "", type_ or "", repr_ or "", note or "", reader,
    )  # fmt: skip


def _date(moment: float) -> datetime:
    return datetime.fromtimestamp(moment).astimezone()
