"""Colours, panels as HTML, the pace of updates, and the notebook's file."""

from __future__ import annotations

import json
import threading
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbjobs import JobManager
from nbjobs.display.ansi import plain, to_html
from nbjobs.display.bundles import is_static, static_bundle
from nbjobs.display.header import header_html, header_text
from nbjobs.display.notebookfile import is_last_cell
from nbjobs.display.pace import LONGEST, Pace
from nbjobs.timers import Scheduler

CODES = st.lists(
    st.one_of(
        st.text("ab<&>\n ", max_size=5),
        st.lists(st.integers(0, 260), max_size=6).map(
            lambda codes: f"\x1b[{';'.join(map(str, codes))}m"
        ),
    )
).map("".join)


class Reader(HTMLParser):
    """Reads HTML back: its text, and whether its tags match."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Remember an open tag."""
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Match a closing tag."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect text."""
        self.text += data


@given(CODES)
def test_colours_change_no_text(text: str) -> None:
    """As HTML, the text is the same without its escapes, and every tag is closed."""
    assert Reader(to_html(text)).text == plain(text)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("\x1b[31mx", "color:var(--jp-ansi-red,#e75c58)"),
        ("\x1b[1;94mx", "font-weight:bold;color:var(--jp-ansi-blue-intense,#0065ca)"),
        ("\x1b[48;5;196mx", "background-color:rgb(255,0,0)"),
        ("\x1b[38;2;1;2;3mx", "color:rgb(1,2,3)"),
        ("\x1b[38;5;244mx", "color:rgb(128,128,128)"),
    ],
)
def test_colours(text: str, style: str) -> None:
    """Named, indexed and true colours come as styles, in Jupyter's palette."""
    assert to_html(text) == f'<span style="{style}">x</span>'
    assert to_html(text + "\x1b[0my").endswith("</span>y")


def test_a_panel_escapes_what_the_user_wrote(jobs: JobManager) -> None:
    """Nothing in a name, source, output, error or alternative text becomes markup of the page."""
    evil = '<script>alert("1")</script>'
    job = jobs.options(name=evil).submit(print)
    job.wait()
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": evil},
        {"output_type": "error", "ename": evil, "evalue": evil, "traceback": [evil]},
        {"output_type": "display_data", "data": {"text/plain": evil}, "metadata": {}},
        {
            "output_type": "display_data",
            "data": {"text/plain": evil + '"', "image/png": "AAAA"},
            "metadata": {},
        },
    ]
    bundle = static_bundle(job, outputs, note=evil)
    assert evil not in bundle["text/html"]
    assert Reader(bundle["text/html"]).text.count(evil) == 5
    assert bundle["text/plain"].count(evil) == 6


def test_what_html_can_show() -> None:
    """Images, HTML and text stand still; widgets and data with renderers of their own do not."""

    def shows(*mimes: str) -> bool:
        return is_static([{"output_type": "display_data", "data": dict.fromkeys(mimes, "")}])

    assert shows("text/plain")
    assert shows("text/plain", "image/png", "text/latex")
    assert shows("text/html", "text/markdown")
    assert not shows("text/plain", "text/latex")
    assert not shows("text/plain", "application/vnd.jupyter.widget-view+json")
    assert is_static([{"output_type": "stream", "name": "stdout", "text": ""}])


def test_the_header_says_how_the_job_is(jobs: JobManager) -> None:
    """State and progress show, as text and as a bar; the clock only while it runs."""
    go, started = threading.Event(), threading.Event()
    job = jobs.options(name="crawl").submit(lambda: (started.set(), go.wait()))
    assert started.wait(10)
    job.progress(3, 4)
    assert "data-nbjobs-elapsed" in header_html(job, ticking=True)
    assert "data-nbjobs-elapsed" not in header_html(job)
    assert "width:75%" in header_html(job)
    assert "running" in header_text(job)
    assert "3/4" in header_text(job)
    go.set()
    job.wait()
    assert "succeeded" in header_html(job, ticking=True)
    assert "data-nbjobs-elapsed=" not in header_html(job, ticking=True)


def test_a_flood_of_pokes_shows_seldom_and_the_last_is_shown() -> None:
    """Ten thousand pokes are shown a few times, one after the other, the last of them included."""
    scheduler = Scheduler("test-pace", linger=0.0)
    value = 0
    shown: list[int] = []
    caught_up = threading.Event()

    def show() -> int:
        shown.append(value)
        if value == 10_000:
            caught_up.set()
        return 0

    pace = Pace(scheduler, show)
    for _ in range(10_000):
        value += 1
        pace.poke()
    assert caught_up.wait(LONGEST + 10)
    assert len(shown) < 100
    pace.hurry()
    scheduler.join(10)
    assert shown[-1] == 10_000
    before = len(shown)
    pace.poke()
    pace.stop()
    scheduler.join(10)
    assert len(shown) == before


def test_the_last_cell_is_told_from_the_file(tmp_path: Path) -> None:
    """History is compared with the code cells of the folder's notebooks; no match is None."""
    cells = [("code", "a = 1\n"), ("markdown", "text"), ("code", ""), ("code", ["b =", " 2"])]
    notebook = {"cells": [{"cell_type": kind, "source": source} for kind, source in cells]}
    (tmp_path / "one.ipynb").write_text(json.dumps(notebook))
    (tmp_path / "broken.ipynb").write_text("{")
    (tmp_path / "list.ipynb").write_text("[]")
    assert is_last_cell(["", "a = 1"], tmp_path) is False
    assert is_last_cell(["", "a = 1", "b = 2"], tmp_path) is True
    assert is_last_cell(["", "a = 1", "c = 3"], tmp_path) is None
    assert is_last_cell([""], tmp_path) is None
    notebook["cells"].append({"cell_type": "code", "source": "c = 3"})
    (tmp_path / "longer.ipynb").write_text(json.dumps(notebook))
    assert is_last_cell(["", "a = 1", "b = 2"], tmp_path) is True
