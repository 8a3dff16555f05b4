"""Jobs as plain text: the table of `%jobs`, and the lines reported at the prompt."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable

from ..job import Job
from ..progress import Count
from ..states import JobState
from ..text import one_line, seconds

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
    # Here, since it takes as long to import as all of nbjobs.
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    jobs = list(jobs)
    grid = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    # What is short keeps its width, whatever the terminal's; what is long shares the rest.
    digits = max((len(str(job.num)) for job in jobs), default=1)
    grid.add_column("#", justify="right", no_wrap=True, min_width=digits)
    grid.add_column("job", ratio=2, min_width=8)
    grid.add_column("state", no_wrap=True, min_width=max(map(len, JobState)))
    grid.add_column("elapsed", justify="right", no_wrap=True, min_width=7)
    grid.add_column("progress", justify="right", no_wrap=True, min_width=8)
    grid.add_column("result or error", ratio=3, min_width=8)

    def cell(text: str, style: str = "") -> Text:
        # Not a str: a job may be named "[red]" without meaning it.
        return Text(text, style, no_wrap=True, overflow="ellipsis")

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
    page = io.StringIO()
    console = Console(
        file=page,
        width=width or shutil.get_terminal_size((100, 24)).columns,
        force_terminal=color,
        force_jupyter=False,
        color_system="standard" if color else None,
        legacy_windows=False,
    )
    console.print(grid)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


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
