"""Jobs as rows of the table, and as the contents of its drawer."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from ..capture.entries import publishable
from ..states import JobState
from ..text import one_line
from .tablemessages import Output, Row

if TYPE_CHECKING:
    from ..job import Job

LABEL = 120
LINE = 160
DRAWER_CHARS = 64_000
DRAWER_RICH = 12
SOURCE = 4_000


def row(job: Job) -> Row:
    """The job's row as it is now."""
    state = job.state
    elapsed = job.elapsed
    start = took = None
    if state in (JobState.RUNNING, JobState.KILLING):
        start = round(time.monotonic() - elapsed, 2)
    elif state.started:
        took = round(elapsed, 3)
    done, total = job.progress
    label = one_line(job.label, LABEL)
    line = _line(job, state)
    return Row(
        job.num, label, state.value, start, took, _number(done), _number(total), line, _under(job)
    )


def drawer(job: Job) -> Output:
    """What the drawer shows of the job."""
    outputs: list[dict[str, Any]] = []
    omitted = 0
    if job.has_output:
        job.recorder.take()
        outputs, omitted = job.recorder.window(DRAWER_CHARS, DRAWER_RICH)
    source = job.source if len(job.source) <= SOURCE else job.source[:SOURCE] + "\n…"
    return {
        "kind": "output",
        "num": job.num,
        "summary": str(publishable(job.summary(400))),
        "source": str(publishable(source)),
        "outputs": outputs,
        "omitted": omitted,
    }


def _line(job: Job, state: JobState) -> str:
    """The last line of output; how it ended, where that says more; where a killed one hangs."""
    text = ""
    if state is JobState.KILLING:
        where = job.blocked_in
        text = f"in {where}" if where else ""
    elif state.dead:
        text = job.outcome(LINE)
    if not text and job.has_output:
        # From now on new output is announced again.
        job.recorder.take()
        text = job.recorder.last_line
    if not text and state is JobState.SUCCEEDED:
        text = job.outcome(LINE)
        text = "" if text == "None" else text
    # Its colours are taken out by the page, which has to know them anyway.
    return str(publishable(" ".join(text.split())[:LINE]))


def _number(value: float | None) -> float | None:
    """`value`, unless JSON has no way to write it."""
    if value is None or isinstance(value, float):
        return value if value is None or math.isfinite(value) else None
    return value if abs(value) < 2**53 else None


def _under(job: Job) -> int | None:
    """The group that it is a part of, or the first job that it depends on."""
    group = job.group
    if group is not None:
        return group.num
    parents = job.parents
    return parents[0].num if parents else None
