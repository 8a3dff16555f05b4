"""Jobs' output in a notebook that is run without a user, by nbconvert or nbclient.

Such a client takes in only what belongs to the cell that it is running, and saves the notebook
after the last one. So each cell that starts jobs gets one display for all of them, and that display
is updated at the end of each later cell, in that cell's name.

The display should be the cell's first output: nbclient finds it by its position, and may join the
streams before it.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ..jobevents import EventKind, JobEvent
from .bundles import static_bundle
from .outlet import Outlet, Parent

if TYPE_CHECKING:
    from ..job import Job
    from ..settings import NbJobs

_STARTS_JOBS = re.compile(r"^\s*%%job\b|%job\b|\bjobs\.(new|submit|map|options|rerun)\b")
_FULL = 1 << 62


@dataclass
class Slot:
    """The display of one cell; `pictures` are the panels of its jobs, by number, as last shown."""

    display_id: str
    jobs: list[Job] = field(default_factory=list)
    pictures: dict[int, dict[str, str]] = field(default_factory=dict)
    changed: bool = False

    def bundle(self) -> dict[str, str]:
        """All its jobs' panels, one below the other."""
        for job in self.jobs:
            self.pictures[job.num] = _picture(job)
        pictures = self.pictures.values()
        return {
            mime: "\n".join(picture[mime] for picture in pictures)
            for mime in ("text/plain", "text/html")
        }


class Slots:
    """Keeps the displays of all cells up to date.

    Args:
        outlet: Sends displays.
        settings: `headless_wait` is how long the last cell waits for jobs.
        is_last: Whether the running cell is the notebook's last; None if there is no telling.
    """

    def __init__(
        self, outlet: Outlet, settings: NbJobs, is_last: Callable[[], bool | None]
    ) -> None:
        self._outlet = outlet
        self._settings = settings
        self._is_last = is_last
        self._slots: dict[str, Slot] = {}
        self._of_job: WeakKeyDictionary[Job, Slot] = WeakKeyDictionary()
        self._patience: WeakKeyDictionary[Job, float] = WeakKeyDictionary()

    def add(self, job: Job, cell: Parent) -> None:
        """Show a job in the running cell."""
        slot = self._slot(cell)
        if job not in slot.jobs:
            slot.jobs.append(job)
        slot.changed = True
        # It is there to be seen; nothing has to be reported at a prompt.
        job.noticed = True
        self._of_job[job] = slot

    def on_event(self, event: JobEvent) -> None:
        """Something has happened to a job."""
        slot = self._of_job.get(event.job)
        if slot is None:
            return
        slot.changed = True
        if event.kind is EventKind.REMOVED:
            # Its picture stays.
            del self._of_job[event.job]
            slot.jobs = [job for job in slot.jobs if job is not event.job]

    def before_cell(self, info: Any) -> None:
        """A cell begins."""
        cell = self._outlet.running_cell
        if cell is None or self._outlet.can_ask:
            return
        if _STARTS_JOBS.search(getattr(info, "raw_cell", "") or ""):
            self._slot(cell)

    def after_cell(self, _: Any = None) -> None:
        """A cell ends: bring all displays up to date, in its name."""
        cell = self._outlet.running_cell
        if cell is None or self._outlet.can_ask or not self._slots:
            return
        self._wait()
        for slot in list(self._slots.values()):
            if slot.changed:
                slot.changed = False
                self._outlet.update(slot.bundle(), slot.display_id, cell)

    def _slot(self, cell: Parent) -> Slot:
        cell_id = cell["header"]["msg_id"]
        slot = self._slots.get(cell_id)
        if slot is None:
            slot = self._slots[cell_id] = Slot(f"nbjobs-{uuid.uuid4().hex}")
            self._outlet.show({}, slot.display_id, cell)
        return slot

    def _wait(self) -> None:
        """Wait for jobs where no later cell will show how they ended."""
        jobs = [job for slot in self._slots.values() for job in slot.jobs]
        jobs = [job for job in jobs if not job.state.finished]
        is_last = self._is_last() if jobs else False
        if is_last is False:
            return
        start = time.monotonic()
        for job in jobs:
            limit = self._settings.headless_wait
            if is_last is None:
                # Any cell may be the last. A job that is still not ended when it was waited for
                # may need what a later cell does: each time it is waited for half as long.
                limit = self._patience.get(job, limit)
                self._patience[job] = limit / 2
            job.wait(max(0.0, start + limit - time.monotonic()))


def _picture(job: Job) -> dict[str, str]:
    job.recorder.take()
    outputs, _ = job.recorder.window(_FULL, _FULL)
    return static_bundle(job, outputs, "" if job.state.finished else "had not ended when saved")
