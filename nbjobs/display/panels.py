"""The panels of a notebook: one for each job that a cell starts."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ..capture.presenting import remember_cell
from ..context import current
from ..jobevents import EventKind, JobEvent
from ..timers import Scheduler
from .live import MakeView
from .outlet import Outlet, Parent
from .panel import Panel
from .slots import Slots

if TYPE_CHECKING:
    from ..job import Job
    from ..settings import NbJobs


class Panels:
    """Subscriber of a manager's events that shows its jobs in the front end of a kernel.

    A client without a user, which runs a notebook to its end, gets `slots` in place of panels.
    """

    def __init__(
        self, outlet: Outlet, settings: NbJobs, slots: Slots, make_view: MakeView | None
    ) -> None:
        self._outlet = outlet
        self._settings = settings
        self._slots = slots
        self._make_view = make_view
        self._scheduler = Scheduler("nbjobs-display")
        self._panels: WeakKeyDictionary[Job, Panel] = WeakKeyDictionary()
        self._launched_in: WeakKeyDictionary[Job, str] = WeakKeyDictionary()
        self._seen_in: WeakKeyDictionary[Job, str] = WeakKeyDictionary()
        self._cell = ""
        self._opened = 0

    def on_event(self, event: JobEvent) -> None:
        """Something has happened to a job."""
        job = event.job
        panel = self._panels.get(job)
        if panel is None:
            if event.kind is EventKind.STATE and not event.state.started:
                self._begin(job)
            self._slots.on_event(event)
        elif event.kind is EventKind.REMOVED:
            self._panels.pop(job).close()
        else:
            panel.poke()

    def show(self, job: Job) -> None:
        """Show a job's panel in the running cell, unless that cell shows it already."""
        cell = self._outlet.running_cell
        if cell is None:
            return
        if self._seen_in.get(job) == _id(cell):
            return
        self._seen_in[job] = _id(cell)
        if not self._outlet.can_ask:
            self._slots.add(job, cell)
            return
        panel = self._panels.get(job)
        if panel is None:
            panel = self._panels[job] = self._panel(job, cell)
        panel.open(cell)

    def display(self, job: Job) -> None:
        """What IPython calls to display a job: shows its panel.

        Raises:
            NotImplementedError: No cell is running, or it has just started the job as a silent
                one; IPython then shows the job's repr.
        """
        cell = self._outlet.running_cell
        if current.get() is not None or cell is None:
            raise NotImplementedError
        if job.options.silent and self._launched_in.get(job) == _id(cell):
            raise NotImplementedError
        self.show(job)

    def close(self) -> None:
        """Show nothing any more."""
        for panel in list(self._panels.values()):
            panel.close()
        self._panels.clear()

    def _begin(self, job: Job) -> None:
        """Open a panel for a new job if a cell has started it."""
        if current.get() is not None or not _in_a_cell():
            return
        cell = self._outlet.running_cell
        if cell is None:
            return
        remember_cell(job, cell)
        self._launched_in[job] = _id(cell)
        if job.options.silent:
            return
        if self._cell != _id(cell):
            self._cell, self._opened = _id(cell), 0
        self._opened += 1
        if self._opened <= self._settings.panels_per_cell:
            self.show(job)

    def _panel(self, job: Job, cell: Parent) -> Panel:
        make_view = self._make_view if self._settings.panel == "widget" else None
        return Panel(job, self._outlet, cell, self._scheduler, self._settings, make_view)


def _in_a_cell() -> bool:
    # Cells run in the main thread, or in one that ipykernel has made for a subshell.
    thread = threading.current_thread()
    return thread is threading.main_thread() or thread.name.startswith("subshell")


def _id(parent: Parent) -> str:
    return str(parent["header"]["msg_id"])
