"""Jobs as plain text: the table of `%jobs`, and the lines reported at the prompt."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable

from ..job import Job
from ..progress import Count
from ..states import JobState
from ..text import one_line, seconds

_STYLES = {
    JobState.RUNNING: "cyan",
    JobState.KILLING: "yellow",
    JobState.SUCCEEDED: "green",
    JobState.FAILED: "red",
    JobState.TIMED_OUT: "red",
    JobState.KILLED: "yellow",
}


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
    digits = max((len(str(job.num)) for job in jobs), default=1)
    grid.add_column("#", justify="right", width=digits)
    grid.add_column("job", no_wrap=True, overflow="ellipsis", ratio=2, min_width=12)
    grid.add_column("state", width=max(map(len, JobState)))
    grid.add_column("elapsed", justify="right", width=8)
    grid.add_column("progress", justify="right", no_wrap=True, min_width=8)
    grid.add_column("result or error", no_wrap=True, overflow="ellipsis", ratio=3, min_width=12)
    for job in jobs:
        state = job.state
        # Text, not str: a job may be named "[red]" without meaning it.
        grid.add_row(
            str(job.num),
            Text(one_line(job.label, 200)),
            Text(str(state), style=_STYLES.get(state, "")),
            seconds(job.elapsed) if state.started else "",
            progress_text(job.progress),
            Text(outcome(job)),
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
