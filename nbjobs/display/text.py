"""Jobs as plain text: the table of `%jobs`, and the lines reported at the prompt."""

from __future__ import annotations

from collections.abc import Iterable

from ..job import Job
from ..progress import Count
from ..states import JobState
from ..text import one_line, seconds
from .grid import cell, new_grid, printed

STYLES = {
    JobState.RUNNING: "cyan",
    JobState.KILLING: "yellow",
    JobState.SUCCEEDED: "green",
    JobState.FAILED: "red",
    JobState.TIMED_OUT: "red",
    JobState.KILLED: "yellow",
    JobState.LOST: "red",
}
"""The terminal's colour of each state; none for those that are not here."""


def table(jobs: Iterable[Job], *, color: bool = False, width: int | None = None) -> str:
    """A table of jobs: number, name or source, state, elapsed, progress, outcome.

    Args:
        jobs: The jobs, in the order to be shown.
        color: Whether to use the terminal's colours.
        width: How many columns there are; None asks the terminal.
    """
    jobs = list(jobs)
    grid = new_grid()
    # What is short keeps its width, whatever the terminal's; what is long shares the rest.
    digits = max((len(str(job.num)) for job in jobs), default=1)
    grid.add_column("#", justify="right", no_wrap=True, min_width=digits)
    grid.add_column("job", ratio=2, min_width=8)
    grid.add_column("state", no_wrap=True, min_width=max(map(len, JobState)))
    grid.add_column("elapsed", justify="right", no_wrap=True, min_width=7)
    grid.add_column("progress", justify="right", no_wrap=True, min_width=8)
    grid.add_column("result or error", ratio=3, min_width=8)

    for job in jobs:
        state = job.state
        grid.add_row(
            cell(str(job.num)),
            cell(one_line(job.label, 200)),
            cell(str(state), STYLES.get(state, "")),
            cell(seconds(job.elapsed) if state.started else ""),
            cell(progress_text(job.progress)),
            cell(outcome(job)),
        )
    return printed(grid, color=color, width=width)


def outcome(job: Job, width: int = 200) -> str:
    """The result or the error in short; for a job that is being killed, where it hangs."""
    if job.state is JobState.KILLING:
        where = job.blocked_in
        return one_line(f"in {where}", width) if where else ""
    return job.outcome(width)


def progress_text(progress: Count) -> str:
    """`40/100`, `40`, or nothing."""
    if progress.done is None:
        return ""
    return f"{progress.done:g}" + ("" if progress.total is None else f"/{progress.total:g}")


def report_line(job: Job) -> str:
    """What the prompt says about a job that has ended."""
    hint = ""
    if job.state is JobState.FAILED:
        hint = f"  (%jobs traceback {job.num})"
    return f"job {job.num} {job.summary()}  [{one_line(job.label, 40)}]{hint}"
