"""The browser's notification of a job's end."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .apps import App
from .notebook import LOAD, Notebook

Open = Callable[..., Notebook]

# What the page would show is kept: a headless browser has no desktop to show it on.
KEEP = """() => {
  const Real = window.Notification;
  window.kept = [];
  window.Notification = class extends Real {
    constructor(title, options) {
      super(title, options);
      window.kept.push([title, options.body, options.tag]);
    }
  };
}"""
# And there is nobody to answer when it asks for permission.
ASK = """() => {
  window.kept = [];
  window.Notification = class {
    static permission = "default";
    static async requestPermission() { return (this.permission = "granted"); }
    constructor(title) { window.kept.push(title); }
  };
}"""


def test_one_notification_for_each_job(notebook: Open, lab: App) -> None:
    """`--notify` and `notify_after` notify once, without a table; silent and short jobs never."""
    cell = """%job --notify --name crawl 6*7
%job --notify --silent 1
%config NbJobs.notify_after = 0.3
%job --name short 1
%job --name long time.sleep(0.5)
%job --silent time.sleep(0.5)
jobs.wait()"""
    book = notebook(lab, LOAD, cell, "%jobs", "%jobs")
    book.page.context.grant_permissions(["notifications"], origin=lab.url)
    book.page.evaluate(KEEP)
    book.run(0, 1)
    book.page.wait_for_function("() => window.kept.length === 2")
    # Neither one view of the table nor a second shows anything once more.
    book.run(2, 3)
    book.state(4, "succeeded")
    assert book.ask("jobs.options(name='last', notify=True).submit(int).wait()") == "True"
    book.page.wait_for_function("() => window.kept.length > 2")
    first, second, third = book.page.evaluate("() => window.kept")
    assert first[0] == "Job 0 succeeded: crawl"
    assert first[1].endswith(": 42")
    assert first[2] == "nbjobs-0"
    assert second[0] == "Job 3 succeeded: long"
    assert third[0] == "Job 5 succeeded: last"


def test_permission_is_asked_for_in_answer_to_a_click(notebook: Open, lab: App) -> None:
    """Without permission nothing is shown; the table has a button for it, and then shows it."""
    book = notebook(lab, LOAD, "%jobs", "%job --notify --name crawl 6*7")
    book.page.evaluate(ASK)
    book.run(0, 1)
    allow = book.table.get_by_role("button", name="Allow notifications")
    expect(allow).to_be_hidden()
    book.run(2)
    allow.click()
    book.page.wait_for_function("() => window.kept.length === 1")
    assert book.page.evaluate("() => window.kept") == ["Job 0 succeeded: crawl"]
    expect(allow).to_be_hidden()
