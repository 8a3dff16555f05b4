"""Clicks are served while a cell runs, whatever it does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .apps import App
from .notebook import GATE, LOAD, Notebook

Open = Callable[..., Notebook]

JOB = "\nvictim = quiet.submit(never.wait); other = quiet.submit(never.wait)"
LOOPS = {
    "sleep": f"while not {GATE}: time.sleep(0.1)",
    "compute": f"while not {GATE}: sum(range(20_000))",
    "await": f"while not {GATE}: await asyncio.sleep(0.1)",
}


@pytest.mark.parametrize("loop", LOOPS)
def test_kill_while_a_cell_runs(notebook: Open, app: App, loop: str) -> None:
    """A click on Kill ends the job before the running cell has ended."""
    book = notebook(app, LOAD + JOB, "%jobs", LOOPS[loop])
    book.run(0, 1)
    book.state(0, "running")
    book.start(2)
    book.kill(0)
    book.state(0, "killed")
    assert book.runs(2)
    book.state(1, "running")
    book.let_go()
    book.finish(2)


def test_kill_from_the_cell_that_shows_the_table(notebook: Open, app: App) -> None:
    """The table works, too, while the very cell runs that has shown it and started the jobs."""
    cell = "quiet.submit(never.wait); display(jobs.table())\n" + LOOPS["sleep"]
    book = notebook(app, LOAD, cell)
    book.run(0)
    book.start(1)
    book.state(0, "running")
    book.kill(0)
    book.state(0, "killed")
    assert book.runs(1)
    book.let_go()
    book.finish(1)


def test_a_click_that_has_to_wait_says_so(notebook: Open, lab: App) -> None:
    """Where messages of widgets go no way of their own, the click is served after the cell."""
    book = notebook(lab, LOAD + JOB, "%jobs", LOOPS["sleep"])
    book.without_subshells()
    book.run(0, 1)
    book.state(0, "running")
    book.start(2)
    book.kill(0)
    expect(book.table.locator(".nbj-status")).to_contain_text("served as soon as")
    book.state(0, "running")
    book.let_go()
    book.state(0, "killed")
    expect(book.table.locator(".nbj-status")).to_have_text("Killing job 0.")
