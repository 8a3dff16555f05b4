"""Every theme can be read, every width is used, and ten thousand jobs are as quick as ten."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .apps import App
from .notebook import LOAD, Notebook

Open = Callable[..., Notebook]

THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")

JOBS = """
def work():
    for code in range(31, 38):
        print(f"\\x1b[{code}mcolour {code}\\x1b[0m")
    current_job().progress(3, 10)
    never.wait()
quiet.submit(work); quiet.submit(divmod, 7, 0); quiet.submit(never.wait).kill(); quiet.submit(int)
time.sleep(0.2)"""

SET_THEME = "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"

LONG_TASKS = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.longTasks.push(task.duration);
  }).observe({ type: "longtask" });
}"""


def test_axe_finds_nothing_in_any_theme(notebook: Open, lab: App) -> None:
    """No violation in light, dark and high contrast: with rows, with a drawer, empty and stale."""
    book = notebook(lab, LOAD + "\njobs.table()", LOAD + JOBS, "%jobs")
    book.run(0)
    book.table.wait_for()
    found = {}

    def check(what: str) -> None:
        for theme in THEMES:
            book.page.evaluate(SET_THEME, theme)
            book.page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")
            results = Axe().run(book.page, context=".nbj-table")
            if results.violations_count:
                found[what, theme] = results.generate_report()

    check("empty")
    book.run(1)
    book.state(0, "running")
    book.row(0).get_by_role("checkbox").click()
    book.row(0).get_by_role("button", name="Show").click()
    expect(book.table.locator(".nbj-drawer-body")).to_contain_text("colour 37")
    check("drawer")
    book.row(1).get_by_role("button", name="Show").click()
    expect(book.table.locator(".nbj-error")).to_be_visible()
    check("error")
    book.restart()
    expect(book.table.locator(".nbj-banner")).to_be_visible()
    check("stale")
    assert not found, "\n".join(f"{key}: {report}" for key, report in found.items())


@pytest.mark.parametrize(("width", "hidden"), [(600, {"line"}), (1600, set())])
def test_widths(notebook: Open, lab: App, width: int, hidden: set[str]) -> None:
    """Narrow, the output gives way; nothing of what is left is cut off or out of reach."""
    book = notebook(lab, LOAD + JOBS, "%jobs")
    book.page.set_viewport_size({"width": width + 172, "height": 900})
    book.run(0, 1)
    row = book.row(0)
    box = book.table.bounding_box()
    assert box is not None
    assert abs(box["width"] - width) < 40
    for part in ("name", "state", "elapsed", "progress", "acts"):
        cell = row.locator(f".nbj-{part}")
        expect(cell).to_be_visible()
        assert cell.evaluate("(e) => e.scrollWidth <= e.clientWidth + 1"), part
    kill = row.get_by_role("button", name="Kill").bounding_box()
    assert kill is not None
    assert kill["x"] + kill["width"] <= box["x"] + box["width"]
    seen = row.locator(".nbj-line").is_visible()
    assert seen is ("line" not in hidden)


def test_ten_thousand_jobs(notebook: Open, lab: App) -> None:
    """The page has few rows, scrolls to the last job, and is never blocked for long."""
    many = "\nfor _ in range(10_000): quiet.submit(int)\njobs.wait()"
    busy = """
def tick():
    while not never.wait(0.05):
        current_job().progress(1)
for _ in range(20): quiet.submit(tick)"""
    book = notebook(lab, LOAD + many, "%jobs", busy)
    book.run(0)
    book.page.evaluate(LONG_TASKS)
    book.run(1)
    book.row(9999).wait_for()
    # To open it is one thing, and may take a moment of the page's time; to follow is another.
    book.page.evaluate("() => { window.longTasks.length = 0; }")
    book.run(2)
    book.state(10_019, "running")
    book.row(10_019).focus()
    for _ in range(5):
        book.page.keyboard.press("PageDown")
    book.page.keyboard.press("End")
    expect(book.row(0)).to_be_focused()
    assert book.table.locator(".nbj-row").count() < 60
    expect(book.table.locator(".nbj-chip.nbj-succeeded")).to_have_text("10,000 succeeded")
    book.page.wait_for_timeout(2000)
    # A generous bound for slow machines: redrawing all rows takes seconds.
    assert max(book.page.evaluate("() => window.longTasks"), default=0) < 500
