"""The display of one shell's jobs: which kind it is, put in place and taken away."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..job import Job
from .live import MakeView
from .notebookfile import is_last_cell
from .outlet import Outlet
from .panels import Panels
from .recall import Recall
from .slots import Slots
from .terminal import TerminalLines

if TYPE_CHECKING:
    from ..manager import JobManager
    from ..settings import NbJobs


class Display:
    """Shows the jobs of `manager` in `shell`, from construction to `close`.

    Args:
        shell: IPython's shell, of a kernel or of a terminal.
        manager: Whose jobs.
        settings: What the user has configured.
        make_view: Makes a live view in a page; None where there are no widgets.
    """

    def __init__(
        self,
        shell: Any,
        manager: JobManager,
        settings: NbJobs,
        make_view: MakeView | None = None,
    ) -> None:
        self._shell = shell
        self._manager = manager
        self._recall = Recall(shell)
        self._panels: Panels | None = None
        self._undo = ExitStack()
        if hasattr(shell, "kernel"):
            self._in_page(settings, make_view)
        else:
            self._in_terminal()

    def show(self, job: Job) -> None:
        """Show a job here: live while it runs, and all that is kept when it has ended."""
        if self._panels is None or job.state.finished:
            self._recall.show(job)
        else:
            self._panels.show(job)

    def follow(self, job: Job) -> None:
        """Show a job's output as plain output of the running cell until it has ended."""
        self._recall.header(job)
        self._recall.follow(job, self._manager.subscribe)

    def close(self) -> None:
        """Show nothing any more."""
        self._undo.close()

    def _in_page(self, settings: NbJobs, make_view: MakeView | None) -> None:
        shell = self._shell
        outlet = Outlet(shell)
        slots = Slots(outlet, settings, self._is_last_cell)
        panels = self._panels = Panels(outlet, settings, slots, make_view)
        self._subscribe(panels.on_event)
        self._undo.callback(panels.close)
        self._register("pre_run_cell", slots.before_cell)
        self._register("post_run_cell", slots.after_cell)
        displays = shell.display_formatter.ipython_display_formatter
        before = displays.for_type(Job, panels.display)
        self._undo.callback(_restore, displays, before)

    def _in_terminal(self) -> None:
        lines = TerminalLines(above_prompt=getattr(self._shell, "pt_app", None) is not None)
        self._subscribe(lines.on_event)
        self._undo.callback(lines.close)
        self._register("pre_run_cell", lines.before_cell)
        self._register("post_run_cell", lines.after_cell)

    def _subscribe(self, callback: Callable[[Any], object]) -> None:
        self._undo.callback(self._manager.subscribe(callback))

    def _register(self, event: str, callback: Callable[[Any], object]) -> None:
        self._shell.events.register(event, callback)
        self._undo.callback(self._shell.events.unregister, event, callback)

    def _is_last_cell(self) -> bool | None:
        return is_last_cell(self._shell.history_manager.input_hist_raw, Path.cwd())


def _restore(formatter: Any, before: Any) -> None:
    if before is None:
        formatter.pop(Job, None)
    else:
        formatter.for_type(Job, before)
