"""The job table in a page: it shows the jobs, is live, and does what its buttons say."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .apps import App
from .notebook import LOAD, Notebook

Open = Callable[..., Notebook]

WORK = """
def work(steps):
    for step in range(steps):
        print("step", step)
        current_job().progress(step + 1, steps)
    never.wait()
a = quiet.submit(never.wait)
b = jobs.options(name="crawl", silent=True).submit(work, 40)
c = quiet.submit(divmod, 7, 0)
d = quiet.submit(divmod, 7, 2)
jobs.wait(c, d)
"""


def test_the_table_shows_the_jobs_and_follows_them(notebook: Open, app: App) -> None:
    """States, names, progress, output and results are there, and change without a cell."""
    book = notebook(app, LOAD + WORK, "%jobs", "quiet.submit(never.set); 0")
    book.run(0, 1)
    book.state(0, "running")
    book.state(1, "running")
    book.state(2, "failed")
    book.state(3, "succeeded")
    row = book.row(1)
    expect(row.locator(".nbj-name")).to_have_text("crawl")
    expect(row.locator(".nbj-units")).to_have_text("40/40")
    expect(row.locator(".nbj-line")).to_have_text("step 39")
    expect(book.row(2).locator(".nbj-line")).to_contain_text("ZeroDivisionError")
    expect(book.row(3).locator(".nbj-line")).to_have_text("(3, 1)")
    expect(book.table.locator(".nbj-chip.nbj-running")).to_have_text("2 running")
    book.run(2)
    book.state(0, "succeeded")
    book.state(4, "succeeded")
    expect(book.table.locator(".nbj-chip.nbj-succeeded")).to_have_text("4 succeeded")


def test_buttons_and_filters(notebook: Open, app: App) -> None:
    """Kill, Rerun, Flush, kill the selected, filter by state and text, sort: each does its own."""
    book = notebook(app, LOAD + WORK, "%jobs")
    book.run(0, 1)
    table, page = book.table, book.page
    shown = table.locator(".nbj-row:visible")
    expect(shown).to_have_count(4)

    table.locator(".nbj-chip.nbj-failed").click()
    expect(shown).to_have_count(1)
    table.locator(".nbj-chip.nbj-failed").click()
    table.get_by_role("searchbox").fill("crawl")
    expect(shown).to_have_count(1)
    table.get_by_role("searchbox").fill("")

    heading = table.get_by_role("columnheader", name="Job", exact=True)
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    table.get_by_role("columnheader", name="#").get_by_role("button").click()

    book.row(2).get_by_role("button", name="Rerun").click()
    book.state(4, "failed")
    book.kill(0)
    book.state(0, "killed")
    expect(table.locator(".nbj-status")).to_have_text("Killing job 0.")
    book.state(1, "running")

    # Finished jobs may be selected, too: only the others are killed.
    for num in (1, 3):
        book.row(num).get_by_role("checkbox").click()
    table.get_by_role("button", name="Kill 1 selected").click()
    book.state(1, "killed")
    table.get_by_role("button", name="Flush finished").click()
    expect(shown).to_have_count(0)
    expect(table.locator(".nbj-empty")).to_contain_text("%job fetch(urls)")
    assert book.ask("len(jobs)") == "0"
    expect(table.get_by_role("button", name="selected")).to_have_count(0)
    assert page.locator(".nbj-banner:visible").count() == 0


def test_what_a_filter_hides_is_not_killed(notebook: Open, lab: App) -> None:
    """All that a filter shows can be selected and killed; what it hides stays out of it."""
    some = """
for n in range(6):
    name = f"{'odd' if n % 2 else 'even'} {n}"
    jobs.options(name=name, silent=True).submit(never.wait)"""
    book = notebook(lab, LOAD + some, "%jobs")
    book.run(0, 1)
    table = book.table
    book.row(1).get_by_role("checkbox").click()
    table.get_by_role("searchbox").fill("even")
    expect(table.locator(".nbj-row:visible")).to_have_count(3)
    expect(table.get_by_role("button", name="selected")).to_have_count(0)
    table.get_by_role("checkbox", name="Select all jobs shown").click()
    table.get_by_role("button", name="Kill 3 selected").click()
    for num in (0, 2, 4):
        book.state(num, "killed")
    table.get_by_role("searchbox").fill("")
    for num in (1, 3, 5):
        book.state(num, "running")
    expect(table.get_by_role("button", name="Kill 1 selected")).to_be_visible()
    assert book.ask("[job.num for job in jobs.running]") == "[1, 3, 5]"


def test_flush_keeps_the_selection_right(notebook: Open, lab: App) -> None:
    """Rows that go take nothing of the selection with them, and shift it to no other job."""
    some = """
for n in range(6): quiet.submit(never.wait) if n % 2 else quiet.submit(int)"""
    book = notebook(lab, LOAD + some, "%jobs")
    book.run(0, 1)
    for num in (2, 3):
        book.row(num).get_by_role("checkbox").click()
    book.table.get_by_role("button", name="Flush finished").click()
    expect(book.table.locator(".nbj-row:visible")).to_have_count(3)
    for num, selected in ((1, "false"), (3, "true"), (5, "false")):
        expect(book.row(num)).to_have_attribute("aria-selected", selected)
    book.table.get_by_role("button", name="Kill 1 selected").click()
    book.state(3, "killed")
    assert book.ask("[job.num for job in jobs.running]") == "[1, 5]"


def test_the_drawer_shows_output_result_and_traceback(notebook: Open, lab: App) -> None:
    """The drawer of a running job grows with its output; a result and a traceback are in it."""
    work = """
def work():
    print("\\x1b[31mred\\x1b[0m and plain")
    never.wait()
    print("the end")
    return "forty-two"
quiet.submit(work); quiet.submit(divmod, 7, 0)
"""
    book = notebook(lab, LOAD + work, "%jobs", "never.set()")
    book.run(0, 1)
    body = book.table.locator(".nbj-drawer-body")
    book.row(0).get_by_role("button", name="Show").click()
    expect(body.locator(".nbj-red")).to_have_text("red")
    expect(body).to_contain_text("red and plain")
    book.run(2)
    expect(body).to_contain_text("the end")
    expect(body.locator(".nbj-result")).to_contain_text("forty-two")
    book.row(1).get_by_role("button", name="Show").click()
    expect(body.locator(".nbj-error")).to_contain_text("ZeroDivisionError")
    body.press("Escape")
    expect(body).to_be_hidden()
    expect(book.row(1)).to_be_focused()


def test_two_views_agree(notebook: Open, lab: App) -> None:
    """Shown twice, it is the same table; a click in one shows in both."""
    book = notebook(lab, LOAD + WORK, "%jobs", "jobs.table()")
    book.run(0, 1, 2)
    tables = book.page.locator(".nbj-table")
    expect(tables).to_have_count(2)
    tables.nth(1).locator('[data-num="0"]').get_by_role("button", name="Kill").click()
    for view in (0, 1):
        state = tables.nth(view).locator('[data-num="0"] .nbj-state')
        expect(state).to_have_text("killed")
