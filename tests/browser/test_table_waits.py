"""Where the kernel serves clicks only between cells, as ipykernel 6 does: the table says so."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .apps import App
from .notebook import GATE, LOAD, Notebook

JOB = "\nvictim = quiet.submit(never.wait); other = quiet.submit(never.wait)"


def test_a_click_that_has_to_wait_says_so(notebook: Callable[..., Notebook], app: App) -> None:
    """It says so before the click and after it, and serves it when the cell has ended."""
    book = notebook(app, LOAD + JOB, "%jobs", f"while not {GATE}: time.sleep(0.1)")
    book.run(0, 1)
    book.state(0, "running")
    status = book.table.locator(".nbj-status")
    expect(status).to_contain_text("served between cells")
    book.start(2)
    book.kill(0)
    expect(status).to_contain_text("served as soon as")
    book.state(0, "running")
    assert book.runs(2)
    book.let_go()
    book.state(0, "killed")
    book.state(1, "running")
    expect(status).to_have_text("Killing job 0.")
