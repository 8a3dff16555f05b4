"""A drawing of which jobs wait for which."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .states import JobState
from .text import one_line, plural

if TYPE_CHECKING:
    from .job import Job

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 176, 40, 48, 16, 8

COLORS = {
    JobState.WAITING: "#9e9e9e",
    JobState.QUEUED: "#9e9e9e",
    JobState.RUNNING: "#1e88e5",
    JobState.KILLING: "#f57c00",
    JobState.SUCCEEDED: "#388e3c",
    JobState.FAILED: "#d32f2f",
    JobState.TIMED_OUT: "#d32f2f",
    JobState.KILLED: "#f57c00",
    JobState.CANCELLED: "#9e9e9e",
    JobState.SKIPPED: "#9e9e9e",
    JobState.LOST: "#d32f2f",
}


class JobGraph:
    """Jobs and what they wait for, as they stand when it is made.

    `str` gives Mermaid text; a notebook shows a picture.

    Attributes:
        jobs: The jobs that are drawn.
        edges: Pairs of numbers: the job waited for, and the one that waits.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        self.jobs = sorted(jobs, key=lambda job: job.num)
        there = {job.num for job in self.jobs}
        self._states = {job.num: job.state for job in self.jobs}
        self._labels = {job.num: f"{job.num} {one_line(job.label, 24)}" for job in self.jobs}
        self.edges = [
            (parent.num, job.num)
            for job in self.jobs
            for parent in job.parents
            if parent.num in there
        ]

    def __str__(self) -> str:
        return self.mermaid

    def __repr__(self) -> str:
        return f"<JobGraph: {plural(len(self.jobs), 'job')}, {plural(len(self.edges), 'arrow')}>"

    @property
    def mermaid(self) -> str:
        """The drawing as Mermaid text, for Markdown."""
        lines = ["graph LR"]
        for num, label in self._labels.items():
            lines.append(f'    j{num}["{_mermaid(label)}<br>{self._states[num]}"]')
        lines += [f"    j{parent} --> j{child}" for parent, child in self.edges]
        for state in dict.fromkeys(self._states.values()):
            name = state.name.lower()
            lines.append(f"    classDef {name} stroke:{COLORS[state]},stroke-width:2px")
            those = ",".join(f"j{num}" for num, its in self._states.items() if its is state)
            lines.append(f"    class {those} {name}")
        return "\n".join(lines)

    @property
    def svg(self) -> str:
        """The drawing as a picture."""
        places = self._places()
        width = max((x for x, _ in places.values()), default=0) + WIDTH + MARGIN
        height = max((y for _, y in places.values()), default=0) + HEIGHT + MARGIN
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" aria-label="Jobs and what they wait for"'
            ' font-family="system-ui,sans-serif" font-size="12" '
            'style="color:var(--jp-ui-font-color1,#212121);max-width:100%">'
        ]
        for parent, child in self.edges:
            (x1, y1), (x2, y2) = places[parent], places[child]
            x1, y1, y2 = x1 + WIDTH, y1 + HEIGHT // 2, y2 + HEIGHT // 2
            bend = max(GAP_X // 2, (x2 - x1) // 2)
            parts.append(
                f'<path d="M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2 - 6} {y2}" '
                'fill="none" stroke="currentColor" stroke-opacity=".5"/>'
                f'<path d="M{x2 - 7} {y2 - 4}L{x2} {y2}L{x2 - 7} {y2 + 4}Z" fill="currentColor" '
                'fill-opacity=".5"/>'
            )
        for num, (x, y) in places.items():
            state = self._states[num]
            parts.append(
                f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="5" fill="none" '
                f'stroke="{COLORS[state]}" stroke-width="2"/>'
                f'<text x="{x + 8}" y="{y + 16}" fill="currentColor">'
                f"{html.escape(self._labels[num])}</text>"
                f'<text x="{x + 8}" y="{y + 32}" fill="currentColor" fill-opacity=".7">{state}'
                "</text>"
            )
        return "".join([*parts, "</svg>"])

    def _repr_svg_(self) -> str:
        return self.svg

    def _places(self) -> dict[int, tuple[int, int]]:
        """Where each job's box is: to the right of all that it waits for."""
        column = dict.fromkeys(self._states, 0)
        # Numbers rise from parents to children, so each parent's column is known.
        for parent, child in sorted(self.edges, key=lambda edge: edge[1]):
            column[child] = max(column[child], column[parent] + 1)
        rows: dict[int, int] = {}
        places = {}
        for num, place in column.items():
            row = rows[place] = rows.get(place, -1) + 1
            places[num] = (MARGIN + place * (WIDTH + GAP_X), MARGIN + row * (HEIGHT + GAP_Y))
        return places


def _mermaid(label: str) -> str:
    """A label in which nothing means anything to Mermaid, or to the page that shows it."""
    return "".join(c if c.isalnum() or c in " _-.,()=+*/:" else f"#{ord(c)};" for c in label)
