"""The table of jobs as it is now, as HTML and text: for a saved notebook, and without widgets."""

from __future__ import annotations

import html
from collections import Counter
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
MOST_LINES = 25
"""Rows shown as HTML and as text: the newest. A page stays quick, and a notebook small."""

_WIDTH = 110
_HEADS = ("#", "job", "state", "elapsed", "progress", "result or error")
_CELL = "text-align:left;padding:2px 10px;white-space:nowrap"
_NONE = "No jobs. Start one with %job, as in %job fetch(urls)."


class StaticTable:
    """A table of `jobs` that shows itself at a prompt, in a notebook, and when printed."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = list(jobs)

    def __str__(self) -> str:
        return self._text(MOST)

    __repr__ = __str__

    def bundle(self) -> dict[str, Any]:
        """The table as HTML and as text; of many jobs, the newest."""
        return self._published(self._text(MOST_LINES, _WIDTH))

    def fallback(self) -> dict[str, Any]:
        """The same, with a line for each job as its text.

        For what goes out with the live table: to lay out columns takes an import that is longer
        than all else there is to do until a page shows it.
        """
        newest = self._jobs[-MOST_LINES:]
        lines = [f"{job.num}  {one_line(job.label)}  {job.summary()}" for job in newest]
        return self._published("\n".join([*lines, self._left_out(MOST_LINES)]).strip() or _NONE)

    def _published(self, text: str) -> dict[str, Any]:
        shown = {"text/html": self._html(), "text/plain": text}
        return {mime: str(publishable(text)) for mime, text in shown.items()}

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        return self.bundle()

    def _left_out(self, most: int) -> str:
        more = len(self._jobs) - most
        return f"and {plural(more, 'older job')}" if more > 0 else ""

    def _text(self, most: int, width: int | None = None) -> str:
        if not self._jobs:
            return _NONE
        lines = [table(self._jobs[-most:], width=width), self._left_out(most)]
        return "\n".join(filter(None, lines))

    def _html(self) -> str:
        if not self._jobs:
            return f"<p>{html.escape(_NONE)}</p>"
        heads = "".join(f'<th scope="col" style="{_CELL}">{head}</th>' for head in _HEADS)
        rows = "".join(_row(job) for job in self._jobs[-MOST:])
        left_out = self._left_out(MOST)
        more = f"<p>{left_out}</p>" if left_out else ""
        return (
            f'<table class="nbjobs-table"><caption>{self._counts()}</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}"
        )

    def _counts(self) -> str:
        counts = Counter(job.state for job in self._jobs)
        return ", ".join(f"{counts[s]:,} {s}" for s in JobState if counts[s])


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
