"""The table as a kernel sends it, and as a saved notebook shows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

from iopub import kernel

WIDGET = "application/vnd.jupyter.widget-view+json"


def is_table(message: dict[str, Any]) -> bool:
    """Whether the message opens the table's model."""
    opens = message["msg_type"] == "comm_open"
    return opens and "snapshot" in message["content"]["data"]["state"]


def test_it_is_a_widget_with_fallbacks() -> None:
    """A page gets a widget, and HTML and text for where there is none; twice it is the same."""
    with kernel() as running:
        running.run("%load_ext nbjobs\njob = %job --name crawl --silent --wait 6*7")
        shown = [
            running.of(running.run("%jobs"), "display_data")[0]["content"]["data"] for _ in "ab"
        ]
        assert set(shown[0]) == {WIDGET, "text/html", "text/plain"}
        assert shown[0][WIDGET] == shown[1][WIDGET]
        assert "<table" in shown[0]["text/html"]
        assert "crawl" in shown[0]["text/plain"]
        (opened,) = [m for m in running.messages if is_table(m)]
        table = opened["content"]["data"]["state"]
        assert json.loads(table["snapshot"])["rows"][0][1] == "crawl"
        # The page must find all it runs in the message: no build step, and nothing to download.
        assert "export default" in table["_esm"]
        assert "import " not in table["_esm"].replace("important ", "")


def test_without_a_user_it_is_html(tmp_path: Path) -> None:
    """A notebook that is run from start to end holds the table, and no widget."""
    cells = ["%load_ext nbjobs", "job = %job --name crawl --silent --wait 6*7", "%jobs"]
    book = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    NotebookClient(book, resources={"metadata": {"path": str(tmp_path)}}).execute()
    (output,) = book.cells[2].outputs
    assert set(output.data) == {"text/html", "text/plain"}
    assert "crawl" in output.data["text/html"]


def test_nbconvert_shows_the_fallback() -> None:
    """A notebook saved with the live table, but not with its widget's state, shows the HTML."""
    with kernel() as running:
        running.run("%load_ext nbjobs\njob = %job --name crawl --silent --wait 6*7")
        data = running.of(running.run("%jobs"), "display_data")[0]["content"]["data"]
    cell = new_code_cell("%jobs", outputs=[new_output("display_data", data)])
    book = nbformat.reads(json.dumps(new_notebook(cells=[cell])), 4)
    page, _ = HTMLExporter().from_notebook_node(book)
    assert 'class="nbjobs-table"' in page
    assert "crawl" in page


def test_without_anywidget_it_is_html() -> None:
    """Where the package is missing, the table is HTML and text."""
    with kernel() as running:
        running.run("import sys; sys.modules['anywidget'] = None  # as if it were not installed")
        running.run("%load_ext nbjobs\njob = %job --name crawl --silent --wait 6*7")
        (shown,) = running.of(running.run("%jobs"), "display_data")
        data = shown["content"]["data"]
        assert set(data) == {"text/html", "text/plain"}
        assert "crawl" in data["text/html"]
        assert not [m for m in running.messages if is_table(m)]


def test_its_subshell_comes_and_goes_with_it() -> None:
    """Where the kernel has subshells the table gets one of its own, and gives it back."""
    with kernel() as running:
        running.run("%load_ext nbjobs\nimport threading, time")
        has = running.value("getattr(get_ipython().kernel, '_supports_kernel_subshells', False)")
        shells = "[t.name for t in threading.enumerate() if t.name.startswith('subshell-')]"
        assert running.value(shells) == []
        running.run("%jobs\n%jobs")
        (opened,) = [m for m in running.messages if is_table(m)]
        name = opened["content"]["data"]["state"]["address"]["subshell"]
        assert running.value(shells) == ([f"subshell-{name}"] if has else [])
        assert bool(name) is has
        running.run(f"%unload_ext nbjobs\nwhile {shells}: time.sleep(0.01)")
