"""One job's panel in a notebook: a header and the output, under the cell that started the job."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from ..capture.entries import publishable
from ..text import plural
from .bundles import is_static, static_bundle
from .header import header_html, header_text
from .live import LiveView, MakeView, Output
from .outlet import Outlet, Parent
from .pace import Pace

if TYPE_CHECKING:
    from ..job import Job
    from ..settings import NbJobs
    from ..timers import Scheduler

WINDOW_RICH = 20
FINAL_CHARS = 64 * 1024


class Panel:
    """Shows a job while it runs and replaces that by a still picture when it has ended.

    Live, it shows the newest output only: the front end's server keeps every update for a page
    that is away. The end is shown with more of it, `job.show()` shows all that is kept.

    Args:
        job: The job.
        outlet: Sends displays.
        parent: The request that started the job.
        scheduler: Shows things later, on a thread of its own.
        settings: `panel_chars` is how much a live panel shows.
        make_view: Makes a live view; None where there are no widgets: then a display is updated.
    """

    def __init__(
        self,
        job: Job,
        outlet: Outlet,
        parent: Parent,
        scheduler: Scheduler,
        settings: NbJobs,
        make_view: MakeView | None,
    ) -> None:
        self._job = job
        self._outlet = outlet
        self._parent = parent
        self._settings = settings
        self._display_id = f"nbjobs-{uuid.uuid4().hex}"
        self._reopened = False
        self._still = False
        self._pace = Pace(scheduler, self._refresh)
        self._view: LiveView | None = None
        if make_view is not None:
            self._view = make_view(self._outputs, self._on_reopened)

    def open(self, parent: Parent | None = None) -> None:
        """Show it under `parent`: once more, or in the cell that starts the job."""
        # Its end will be there to be seen; nothing has to be reported at a prompt.
        self._job.noticed = True
        self._job.recorder.take()
        outputs = self._outputs()
        if self._view is not None:
            self._view.show(outputs)
        self._outlet.show(self._bundle(outputs), self._display_id, parent or self._parent)

    def poke(self) -> None:
        """Something about the job has changed."""
        if self._job.state.finished:
            self._pace.hurry()
        else:
            self._pace.poke()

    def close(self) -> None:
        """It is not followed any more: what is shown stays, but nothing changes from now on."""
        self._pace.stop()
        if not self._still:
            # The page takes a view away when it is closed.
            note = "" if self._job.state.finished else "not followed any more"
            bundle = self._picture(self._outputs()[1:], note)
            self._outlet.update(bundle, self._display_id, self._parent)
        if self._view is not None:
            self._outlet.in_name_of(self._parent, self._view.close)

    def _refresh(self) -> int:
        ended = self._job.state.finished
        self._job.recorder.take()
        outputs = self._outputs()
        view = self._view
        if view is not None:
            self._outlet.in_name_of(self._parent, lambda: view.show(outputs))
        if ended or self._view is None:
            bundle = self._bundle(outputs)
            self._outlet.update(bundle, self._display_id, self._parent)
            if view is not None and self._reopened and not view.mime.keys() & bundle:
                self._outlet.in_name_of(self._parent, lambda: view.keep(bundle))
        return sum(len(str(output)) for output in outputs)

    def _on_reopened(self) -> None:
        # Not here, where ipywidgets goes through its table of widgets: a picture is one more.
        self._reopened = True
        if self._job.state.finished:
            self._pace.hurry()

    def _outputs(self) -> list[Output]:
        """Header and newest output."""
        job = self._job
        ended = job.state.finished
        chars = FINAL_CHARS if ended else self._settings.panel_chars
        outputs, omitted = job.recorder.window(chars, WINDOW_RICH)
        header: Output = {
            "output_type": "display_data",
            "data": publishable(
                {
                    "text/html": header_html(job, _omission(omitted), ticking=True),
                    "text/plain": header_text(job, _omission(omitted)),
                }
            ),
            "metadata": {},
        }
        return [header, *outputs]

    def _bundle(self, outputs: list[Output]) -> dict[str, Any]:
        """What the page is to display: the view while the job runs, a still picture afterwards."""
        shown = outputs[1:]
        ended = self._job.state.finished
        if self._view is not None and not ended:
            return {**self._view.mime, "text/plain": header_text(self._job)}
        picture = self._picture(shown)
        self._still = ended and (self._view is None or is_static(shown))
        if self._view is None or self._still:
            return picture
        # Where there is no kernel any more the text is shown, at least.
        return {**self._view.mime, **picture}

    def _picture(self, shown: list[Output], note: str = "") -> dict[str, str]:
        _, omitted = self._job.recorder.window(0, 0)
        omitted -= sum(len(o["text"]) for o in shown if o["output_type"] == "stream")
        return static_bundle(self._job, shown, note or _omission(omitted))


def _omission(chars: int) -> str:
    return f"{plural(chars, 'earlier character')} not shown" if chars > 0 else ""
