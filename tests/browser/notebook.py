"""A notebook that is open in a page: run its cells, look at its table, ask its kernel."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from .apps import LIMIT, App

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

_READY = """() => {
  const widget = window.jupyterapp?.shell.currentWidget;
  return widget?.sessionContext?.session?.kernel?.status === "idle" && !!widget.content?.widgets;
}"""
_RUN = """(place) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = place;
  void window.jupyterapp.commands.execute("notebook:run-cell");
}"""
_RAN = """(place) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  // A cell that is out of sight may have no prompt in the page.
  const prompt = notebook.widgets[place].node.querySelector(".jp-InputPrompt");
  return !prompt?.textContent.includes("*")
    && notebook.widgets[place].model.executionCount !== null;
}"""
_ERROR = """(place) => {
  const outputs = window.jupyterapp.shell.currentWidget.content.widgets[place].model.outputs;
  const error = outputs.toJSON().find((output) => output.output_type === "error");
  return error ? `${error.ename}: ${error.evalue}` : null;
}"""
_LOOK = """(place) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = place;
  void notebook.scrollToItem(place);
}"""
_TEXT = """(place) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  return notebook.widgets[place].outputArea.node.innerText;
}"""
_SAVE = """() => window.jupyterapp.commands.execute("docmanager:save")"""
_RESTART = """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"""
_NO_SUBSHELLS = """() => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  kernel.commsOverSubshells = "disabled";
}"""
_ASK = """async (code) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const future = kernel.requestExecute({ code: "", user_expressions: { x: code }, silent: false });
  const reply = await future.done;
  const { status, evalue } = reply.content.user_expressions.x;
  if (status !== "ok") throw new Error(evalue);
  return reply.content.user_expressions.x.data["text/plain"];
}"""


LOAD = """%load_ext nbjobs
import asyncio, os, threading, time
from nbjobs import current_job
quiet = jobs.options(silent=True)
never = threading.Event()"""
"""What the first cell of most notebooks does."""

GATE = "os.path.exists('gate')"
"""True in the kernel as soon as `let_go` was called."""


class Notebook:
    """A notebook of `cells`, written to a file and opened in `page`."""

    def __init__(self, page: Page, app: App, name: str, cells: list[str]) -> None:
        self.page = page
        self.app = app
        self.file = Path(app.folder) / name
        page.set_default_timeout(LIMIT * 1000)
        book = new_notebook(cells=[new_code_cell(cell) for cell in cells])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(book, self.file)
        # So that the kernel starts while the page is loading.
        app.start_kernel(name)
        (self.app.folder / "gate").unlink(missing_ok=True)
        self.open()

    def open(self) -> None:
        """Load the page, and wait for the kernel."""
        self.page.goto(self.app.address(self.file.name))
        self.page.wait_for_function(_READY)

    def reload(self) -> None:
        """Load the page again, even while a cell runs."""
        self.page.reload()
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()

    def reopen(self) -> None:
        """Close the tab, and open the notebook in another."""
        # Opened first: with its last page the browser's window would go.
        page = self.page.context.new_page()
        self.page.close()
        self.page = page
        self.open()

    def start(self, place: int) -> None:
        """Run a cell, and do not wait for its end."""
        self.page.evaluate(_RUN, place)

    def finish(self, place: int) -> None:
        """Wait until a cell has been run."""
        self.page.wait_for_function(_RAN, arg=place)

    def run(self, *places: int) -> None:
        """Run cells to their end, which must not be an error."""
        for place in places:
            self.start(place)
            self.finish(place)
            error = self.page.evaluate(_ERROR, place)
            assert error is None, error

    def look(self, place: int) -> None:
        """Scroll to a cell: the page drops what is far from what is seen."""
        self.page.evaluate(_LOOK, place)

    def text(self, place: int) -> str:
        """What stands below a cell."""
        return str(self.page.evaluate(_TEXT, place))

    def until(self, place: int, part: str) -> str:
        """Wait until something stands below a cell; returns all that does."""
        end = time.monotonic() + LIMIT
        while part not in (text := self.text(place)):
            assert time.monotonic() < end, text
            self.page.wait_for_timeout(50)
        return text

    def save(self) -> dict[str, Any]:
        """Save the notebook, and return what is in the file."""
        self.page.evaluate(_SAVE)
        return json.loads(self.file.read_text())

    def restart(self) -> None:
        """Restart the kernel under the open page."""
        self.page.evaluate(_RESTART)

    def ask(self, expression: str) -> str:
        """The repr of a Python expression in the kernel, which must be idle."""
        return str(self.page.evaluate(_ASK, expression))

    # The table.

    @property
    def table(self) -> Locator:
        """The first table in the page."""
        return self.page.locator(".nbj-table").first

    def row(self, num: int) -> Locator:
        """The row of a job."""
        return self.table.locator(f'.nbj-row[data-num="{num}"]')

    def state(self, num: int, *states: str) -> None:
        """Wait until the job's row shows one of these states."""
        wanted = re.compile("|".join(f"^{state}$" for state in states))
        expect(self.row(num).locator(".nbj-state")).to_have_text(wanted, timeout=LIMIT * 1000)

    def kill(self, num: int) -> None:
        """Click on the job's Kill button."""
        self.row(num).get_by_role("button", name="Kill").click()

    @property
    def cells(self) -> int:
        """How many cells there are."""
        script = "() => window.jupyterapp.shell.currentWidget.content.widgets.length"
        return int(self.page.evaluate(script))

    def runs(self, place: int) -> bool:
        """Whether a cell is running."""
        return not self.page.evaluate(_RAN, place)

    def without_subshells(self) -> None:
        """Have widgets' messages wait for running cells, as an older front end does."""
        self.page.evaluate(_NO_SUBSHELLS)

    def let_go(self) -> None:
        """End the cell that waits for `GATE`."""
        (self.app.folder / "gate").touch()
