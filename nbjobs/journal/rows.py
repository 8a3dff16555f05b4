"""What is kept of one job, as the columns of its row."""

from __future__ import annotations

import json
import traceback
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ..capture.entries import Entry, Rich, publishable
from ..endings import Ending
from ..states import JobState
from ..task import NO_OPTIONS, Options
from ..text import call_name, short_repr

if TYPE_CHECKING:
    from ..job import Job
    from .results import Result

REPR_WIDTH = 1000

_KEPT_AS_THEY_ARE = (int, float, str, bool)

INSERT = (
    "INSERT INTO jobs (session, num, name, source, is_code, options, submitted, state, started, "
    "ended, elapsed, done, total, attempts, error, traceback, result_type, result_repr, "
    "result_note, result) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
UPDATE = (
    "UPDATE jobs SET state = ?, started = ?, ended = ?, elapsed = ?, done = ?, total = ?, "
    "attempts = ?, error = ?, traceback = ?, result_type = ?, result_repr = ?, result_note = ?, "
    "result = ? WHERE id = ?"
)
UPDATE_RUNNING = (
    "UPDATE jobs SET state = ?, started = ?, ended = ?, elapsed = ?, done = ?, total = ?, "
    "attempts = ? WHERE id = ?"
)


def identity(session: int, job: Job) -> tuple[Any, ...]:
    """The columns that never change."""
    task = job.task
    return (
        session,
        job.num,
        _text(job.name),
        _text(job.source),
        # A function's job lets go of its task when it has succeeded; code never does.
        int(task is not None and task.code_only),
        "{}" if job.options is NO_OPTIONS else _options(job.options),
        job.clock.moments()[0],
    )


def standing(job: Job, state: JobState) -> tuple[Any, ...]:
    """The columns that change while it runs."""
    _, started, ended = job.clock.moments()
    if not state.finished:
        ended = None  # It may have ended since.
    done, total = job.progress
    counts = (_number(done), _number(total))
    return (str(state), started, ended, job.elapsed, *counts, job.attempts)


def outcome(ending: Ending | None, trace: str, result: Result) -> tuple[Any, ...]:
    """The columns that say how it ended."""
    if ending is None:
        return (None, None, None, None, None, None)
    if ending.error is not None:
        return (_text(ending.text or str(ending.error)), _text(trace), None, None, None, None)
    return (None, None, *ending.brief(REPR_WIDTH), *result)


def traceback_of(ending: Ending, entries: list[Entry]) -> str:
    """Its traceback as it was recorded when it failed, or else without its variables.

    An error's own `__str__` is the user's code, and is not run here.
    """
    for entry in reversed(entries):
        if isinstance(entry, Rich) and entry.kind == "error":
            return "\n".join(entry.content["traceback"])
    if ending.trace is None:
        return ""
    lines = traceback.format_tb(ending.trace)
    last = ending.text if ending.state is JobState.FAILED else type(ending.error).__name__
    return "".join(["Traceback (most recent call last):\n", *lines, last])


def _options(options: Options) -> str:
    """Those that were given; what is no plain value by its short repr."""
    given = {}
    for field in fields(options):
        value = getattr(options, field.name)
        if value == getattr(NO_OPTIONS, field.name):
            continue
        if field.name == "retry_on":
            value = ", ".join(call_name(kind) for kind in value)
        if field.name == "export":
            value = ", ".join(value)
        given[field.name] = value if type(value) in _KEPT_AS_THEY_ARE else short_repr(value)
    return json.dumps(publishable(given))


def _number(value: float | None) -> float | None:
    try:
        return None if value is None else float(value)
    except OverflowError:
        return float("inf")


def _text(value: str | None) -> str | None:
    return None if value is None else str(publishable(value))
