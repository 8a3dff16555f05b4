"""The table of jobs as it is now, as HTML and text: for a saved notebook, and without widgets."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..capture.entries import publishable
from ..states import JobState
from ..text import one_line, plural, seconds
from .header import COLORS
from .text import outcome, progress_text, table

if TYPE_CHECKING:
    from ..job import Job

MOST = 100
"""Rows shown: the newest; a page stays quick, and a notebook small."""

_WIDTH = 110
_HEADS = ("#", "job", "state", "elapsed", "progress", "result or error")
_CELL = "text-align:left;padding:2px 10px;white-space:nowrap"
_NONE = "No jobs. Start one with %job, as in %job fetch(urls)."


class StaticTable:
    """A table of `jobs` that shows itself at a prompt, in a notebook, and when printed."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = list(jobs)

    def __str__(self) -> str:
        return self._text(None)

    __repr__ = __str__

    def bundle(self) -> dict[str, Any]:
        """The table as HTML and as text; of many jobs, the newest."""
        shown = {"text/html": self._html(), "text/plain": self._text(_WIDTH)}
        return {mime: str(publishable(text)) for mime, text in shown.items()}

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        return self.bundle()

    @property
    def _left_out(self) -> str:
        more = len(self._jobs) - MOST
        return f"and {plural(more, 'older job')}" if more > 0 else ""

    def _text(self, width: int | None) -> str:
        if not self._jobs:
            return _NONE
        text = table(self._jobs[-MOST:], width=width)
        return f"{text}\n{self._left_out}" if self._left_out else text

    def _html(self) -> str:
        if not self._jobs:
            return f"<p>{html.escape(_NONE)}</p>"
        heads = "".join(f'<th scope="col" style="{_CELL}">{head}</th>' for head in _HEADS)
        rows = "".join(_row(job) for job in self._jobs[-MOST:])
        more = f"<p>{self._left_out}</p>" if self._left_out else ""
        return (
            f'<table class="nbjobs-table"><caption>{self._counts()}</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}"
        )

    def _counts(self) -> str:
        states = [job.state for job in self._jobs]
        return ", ".join(f"{states.count(s):,} {s}" for s in JobState if s in states)


def _row(job: Job) -> str:
    state = job.state
    dot = (
        '<span style="display:inline-block;width:.6em;height:.6em;border-radius:50%;'
        f'margin-right:.4em;background:{COLORS[state]}"></span>'
    )
    elapsed = seconds(job.elapsed) if state.started else ""
    words = (one_line(job.label, 80), elapsed, progress_text(job.progress), outcome(job, 100))
    label, elapsed, progress, end = (html.escape(word) for word in words)
    cells = (str(job.num), label, f"{dot}{state}", elapsed, progress, end)
    return "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"
