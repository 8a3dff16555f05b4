"""The table is served by the keyboard alone, and keeps its keys from the notebook."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .apps import App
from .notebook import LOAD, Notebook

Open = Callable[..., Notebook]

JOBS = """
for n in range(30):
    quiet.submit(never.wait) if n % 2 else quiet.submit(divmod, n, 0)"""


def test_keys_act_on_jobs_and_never_on_cells(notebook: Open, app: App) -> None:
    """Arrows, space, Enter, Escape, R and Delete act on rows; x and d d do not touch cells."""
    book = notebook(app, LOAD + JOBS, "%jobs", "1")
    book.run(0, 1)
    table, keys = book.table, book.page.keyboard
    book.row(29).focus()
    keys.press("ArrowDown")
    expect(book.row(28)).to_be_focused()
    for key in ("x", "d", "d", "a", "b", "m", "0", "0"):
        keys.press(key)
    expect(book.row(28)).to_be_focused()
    keys.press("Space")
    expect(book.row(28)).to_have_attribute("aria-selected", "true")
    keys.press("Enter")
    expect(table.locator(".nbj-drawer")).to_be_visible()
    keys.press("Escape")
    expect(table.locator(".nbj-drawer")).to_be_hidden()
    keys.press("r")
    book.state(30, "failed")
    # The new row came above this one; the focus has followed the job.
    expect(book.row(28)).to_be_focused()
    keys.press("ArrowDown")
    keys.press("Delete")
    book.state(27, "killed")
    keys.press("End")
    expect(book.row(0)).to_be_focused()
    keys.press("Home")
    expect(book.row(30)).to_be_focused()
    keys.press("Tab")
    expect(book.row(30).get_by_role("checkbox")).to_be_focused()
    keys.press("Tab")
    expect(book.row(30).get_by_role("button", name="Show")).to_be_focused()
    keys.press("x")
    assert book.cells == 3
    assert book.ask("sum(job.state == 'killed' for job in jobs)") == "1"


def test_focus_and_scroll_survive_updates(notebook: Open, lab: App) -> None:
    """While jobs come and go above it, the row with the focus stays, and stays where it is."""
    more = """
def churn():
    for _ in range(20):
        quiet.submit(int)
        time.sleep(0.02)
"""
    book = notebook(lab, LOAD + JOBS + more, "%jobs")
    book.run(0, 1)
    book.row(29).focus()
    for _ in range(18):
        book.page.keyboard.press("ArrowDown")
    expect(book.row(11)).to_be_focused()
    body = book.table.locator(".nbj-body")
    place = "(e) => e.getBoundingClientRect().top"
    before = book.row(11).evaluate(place)
    scrolled = body.evaluate("(e) => e.scrollTop")
    # Asked of the kernel, since running a cell would take the focus.
    book.ask("churn()")
    expect(book.table.locator(".nbj-chip.nbj-succeeded")).to_have_text("20 succeeded")
    expect(book.row(11)).to_be_focused()
    assert book.row(11).evaluate(place) == before
    assert body.evaluate("(e) => e.scrollTop") > scrolled
