"""Jobs that ended unnoticed are reported before the next prompt, each in one line, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .text import report_line

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ..manager import JobManager
    from ..settings import NbJobs


def install(shell: InteractiveShell, manager: JobManager, settings: NbJobs) -> Callable[[], None]:
    """Report after each cell of `shell`.

    Returns:
        A function that undoes it.
    """

    def report(_: Any = None) -> None:
        for job in manager.report_news():
            wanted = settings.report == "all" and not job.options.silent
            if wanted or (job.state.dead and settings.report != "none"):
                print(report_line(job))

    shell.events.register("post_run_cell", report)
    return lambda: shell.events.unregister("post_run_cell", report)
