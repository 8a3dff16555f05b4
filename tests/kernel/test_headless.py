"""Notebooks run to their end without a user: what is saved, and where.

ipykernel 7.0 to 7.3 may leave a cell unread that was sent while they answered the one before
(https://github.com/ipython/ipykernel/issues/1554), and then nobody sends it again: there a test may
fail, with or without nbjobs, by a timeout of `CELL` seconds, or of `WHOLE` for a command.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

CELL = 60
WHOLE = 100
LATE = "%%job --name late\nimport time\nprint('early')\ngo.wait()\nprint('late')\n6 * 7"
SETUP = "%load_ext nbjobs\nimport threading; go = threading.Event()"


def run(*cells: str, folder: Path | None = None, **options: object) -> list[list[dict]]:
    """Run a notebook of these cells by nbclient; returns each cell's outputs."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    resources = {"metadata": {"path": str(folder)}} if folder else {}
    if folder:
        nbformat.write(notebook, folder / "notebook.ipynb")
    NotebookClient(
        notebook, kernel_name="python3", timeout=CELL, resources=resources, **options
    ).execute()
    nbformat.validate(notebook)
    return [cell.outputs for cell in notebook.cells]


def text(outputs: list[dict]) -> str:
    """The text of the only output, a panel."""
    (output,) = outputs
    assert output["output_type"] == "display_data"
    assert "text/html" in output["data"]
    return str(output["data"]["text/plain"])


@pytest.mark.parametrize("coalesce", [False, True])
def test_late_output_is_saved_in_its_own_cell(coalesce: bool) -> None:
    """What a job prints while later cells run is in the cell that started it, and only there."""
    cells = [
        SETUP,
        "%config NbJobs.headless_wait = 0",
        LATE,
        "print('main'); go.set(); jobs['late'].wait(30)\nNone",
    ]
    *_, late, main = run(*cells, coalesce_streams=coalesce)
    assert text(late).splitlines()[1:] == ["early", "late", "42"]
    assert "succeeded" in text(late)
    assert [output.get("text") for output in main] == ["main\n"]


def test_streams_before_and_after_may_be_joined() -> None:
    """A cell that prints on both streams and starts two jobs keeps everything when joined."""
    start = (
        "import sys\nprint('one'); print('two', file=sys.stderr)\n"
        "for n in range(2): jobs.submit(lambda n=n: print('job', n) or go.wait())\n"
        "print('three', flush=True); print('four')"
    )
    outputs = run(
        SETUP, "%config NbJobs.headless_wait = 0", start, "go.set(); jobs.wait(timeout=30)"
    )
    joined = run(
        *(SETUP, "%config NbJobs.headless_wait = 0", start, "go.set(); jobs.wait(timeout=30)"),
        coalesce_streams=True,
    )
    for panel, *streams in (outputs[2], joined[2]):
        assert "job 0" in text([panel])
        assert "job 1" in text([panel])
        assert text([panel]).count("succeeded") == 2
        assert "".join(s["text"] for s in streams if s["name"] == "stdout") == "one\nthree\nfour\n"


def test_the_last_cell_waits_for_jobs() -> None:
    """A job that outlives the last cell is waited for, wherever it was started."""
    limit = "%config NbJobs.headless_wait = 2"
    cells = [SETUP, limit, LATE, "x = 1", "threading.Timer(0.2, go.set).start()"]
    assert "late" in text(run(*cells)[2]).splitlines()
    cells = [SETUP, "threading.Timer(1, go.set).start()", LATE]
    assert "42" in text(run(*cells)[2]).splitlines()


def test_a_wait_has_a_limit_and_leaves_a_mark() -> None:
    """A job that does not end is waited for up to the limit, and its panel says so."""
    limit = "%config NbJobs.headless_wait = 0.5"
    outputs = run(SETUP, limit, LATE, "x = 1", "x = 2", "x = 3")
    assert "had not ended when saved" in text(outputs[2])
    assert text(outputs[2]).splitlines()[1:] == ["early"]


def test_only_the_last_cell_waits_where_it_can_be_told(tmp_path: Path) -> None:
    """With the notebook's file at hand no other cell waits, and the last one does."""
    cells = [
        "%load_ext nbjobs\nimport threading, time; go = threading.Event()",
        LATE.replace("go.wait()", "assert go.wait(30)"),
        "start = time.monotonic()",
        "assert time.monotonic() - start < 10",
        "threading.Timer(1, go.set).start()",
    ]
    assert "42" in text(run(*cells, folder=tmp_path)[1]).splitlines()


def test_nbconvert_saves_text_html_and_figures(tmp_path: Path) -> None:
    """`jupyter nbconvert --execute` of a notebook with jobs gives a page with all their output."""
    cells = [
        "%load_ext nbjobs\n%matplotlib inline",
        "%%job\nimport matplotlib.pyplot as plt\nprint('<text>')\n_ = plt.plot([1, 2])\n",
        "print('main')",
        "%%job\nimport time\ntime.sleep(0.5)\n1 / 0",
    ]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, tmp_path / "notebook.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", "notebook.ipynb"]
    start = time.monotonic()
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=WHOLE)
    assert time.monotonic() - start < 90
    page = (tmp_path / "notebook.html").read_text()
    assert page.count('class="nbjobs-panel"') == 2
    assert "&lt;text&gt;" in page
    assert 'src="data:image/png;base64,' in page
    assert "division by zero" in page


def test_papermill_saves_late_output_in_its_own_cell(tmp_path: Path) -> None:
    """Papermill saves the notebook after each cell; what came later is in the right one, too."""
    cells = [
        SETUP,
        "number = 1",
        LATE.replace("'early'", "'early', number"),
        "print('main'); threading.Timer(0.5, go.set).start()",
    ]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    notebook.cells[1].metadata["tags"] = ["parameters"]
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    nbformat.write(notebook, tmp_path / "in.ipynb")
    command = [sys.executable, "-m", "papermill", "-p", "number", "5", "in.ipynb", "out.ipynb"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=WHOLE)
    saved = nbformat.read(tmp_path / "out.ipynb", 4).cells
    late, main = (cell.outputs for cell in saved[-2:])
    assert text(late).splitlines()[1:] == ["early 5", "late", "42"]
    assert "succeeded" in text(late)
    assert [output.get("text") for output in main] == ["main\n"]
