"""What a saved notebook shows of a job when its kernel has gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .apps import LIMIT, App
from .notebook import GATE, LOAD, Notebook

JOB = f"""%%job --name long
print('first')
while not {GATE}: time.sleep(0.05)
print('last')
open('ended', 'w').close()
6 * 7"""
WIDGET = "application/vnd.jupyter.widget-view+json"
HAS_STILL = """() => {
  const cell = window.jupyterapp.shell.currentWidget.content.model.cells.get(1);
  return cell.outputs.length === 1 && !("%s" in cell.outputs.get(0).data);
}""".replace("%s", WIDGET)
SHOWN = (
    """() => window.jupyterapp.shell.currentWidget.content.widgets[1].outputArea.node.innerText"""
)

Open = Callable[..., Notebook]


def saved(book: Notebook) -> dict[str, Any]:
    """The bundle of the only output of the job's cell, in the file."""
    (output,) = book.save()["cells"][1]["outputs"]
    return output["data"]


def check(book: Notebook) -> None:
    """The file holds the still picture, and it is seen when the kernel has gone."""
    book.page.wait_for_function(HAS_STILL)
    data = saved(book)
    assert "".join(data["text/plain"]).splitlines()[1:] == ["first", "last", "42"]
    assert "last" in "".join(data["text/html"])
    book.app.end_kernels()
    book.open()
    shown = book.page.evaluate(SHOWN)
    assert "succeeded" in shown
    assert "last" in shown


def start(book: Notebook) -> None:
    """Run the job, and save the notebook with its panel, which is live."""
    (book.file.parent / "ended").unlink(missing_ok=True)
    book.run(0, 1)
    book.page.locator(".nbjobs-live-panel", has_text="first").wait_for()
    assert WIDGET in saved(book)


def test_a_job_that_ends_after_a_reload(notebook: Open, app: App) -> None:
    """The picture takes the place of a panel that was reloaded while its job ran."""
    book = notebook(app, LOAD, JOB)
    start(book)
    book.open()
    book.page.locator(".nbjobs-live-panel", has_text="first").wait_for()
    book.let_go()
    check(book)


def test_a_job_that_ends_while_no_page_is_open(notebook: Open, app: App) -> None:
    """The picture takes the place of the panel that is in the file when it is opened again."""
    book = notebook(app, LOAD, JOB)
    start(book)
    book.page.goto("about:blank")
    book.let_go()
    end = time.monotonic() + LIMIT
    while not (book.file.parent / "ended").exists():
        assert time.monotonic() < end, "the job has not ended"
        book.page.wait_for_timeout(50)
    book.open()
    check(book)
