"""The browser's notification of a job's end."""

from __future__ import annotations

from collections.abc import Callable

from .apps import App
from .notebook import LOAD, Notebook

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


def test_one_notification_for_each_job(notebook: Callable[..., Notebook], lab: App) -> None:
    """`--notify` and `notify_after` notify once, without a table; silent and short jobs never."""
    cell = """%job --notify --name crawl 6*7
%job --notify --silent 1
%config NbJobs.notify_after = 0.3
%job --name short 1
%job --name long time.sleep(0.5)
jobs.wait()"""
    book = notebook(lab, LOAD, cell, "%jobs")
    book.page.context.grant_permissions(["notifications"], origin=lab.url)
    book.page.evaluate(KEEP)
    book.run(0, 1)
    book.page.wait_for_function("() => window.kept.length === 2")
    book.run(2)
    book.state(3, "succeeded")
    first, second = book.page.evaluate("() => window.kept")
    assert first[0] == "Job 0 succeeded: crawl"
    assert first[1].endswith(": 42")
    assert first[2] == "nbjobs-0"
    assert second[0] == "Job 3 succeeded: long"
