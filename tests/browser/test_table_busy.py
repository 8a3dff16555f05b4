"""Clicks are served while a cell runs, whatever it does."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .apps import LIMIT, App
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


def test_kill_beside_a_slow_widget(notebook: Open, app: App) -> None:
    """While another widget's callback takes long, and in a page that gives widgets no way around.

    The page sends messages of all other widgets to one thread, or to that of the cells.
    """
    slow = f"""import ipywidgets
def callback(button):
    open("entered", "w").close()
    while not {GATE}: time.sleep(0.1)
button = ipywidgets.Button(description="slow")
button.on_click(callback)
button"""
    book = notebook(app, LOAD + JOB, "%jobs", slow)
    book.run(0, 1, 2)
    book.state(0, "running")
    book.page.get_by_role("button", name="slow").click()
    # Not asked of the kernel: the callback may be keeping it.
    entered = app.folder / "entered"
    end = time.monotonic() + LIMIT
    while not entered.exists():
        assert time.monotonic() < end
        book.page.wait_for_timeout(20)
    entered.unlink()
    book.kill(0)
    book.state(0, "killed")
    book.state(1, "running")
    book.row(1).get_by_role("button", name="Show").click()
    expect(book.table.locator(".nbj-source")).to_contain_text("wait")
    book.let_go()


def test_kill_where_messages_of_widgets_wait(notebook: Open, lab: App) -> None:
    """A page that has messages of widgets wait for running cells does not make the table wait."""
    book = notebook(lab, LOAD + JOB, "%jobs", LOOPS["sleep"])
    book.without_subshells()
    book.run(0, 1)
    book.state(0, "running")
    book.start(2)
    book.kill(0)
    book.state(0, "killed")
    assert book.runs(2)
    book.let_go()
    book.finish(2)
