"""The notebook of the engines runs from its beginning to its end, on the real ones."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

ENGINES = ("thread", "process", "ipyparallel", "dask")
BOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "engines.ipynb"


def test_one_word_changes_the_engine(tmp_path: Path) -> None:
    """Its four cells differ in the engine's name alone, and come to the same result."""
    book = nbformat.read(BOOK, as_version=4)
    cells = [cell for cell in book.cells if "jobs.map" in cell.source]
    same = {
        cell.source.replace(f'"{name}"', "?") for cell, name in zip(cells, ENGINES, strict=True)
    }
    assert len(same) == 1
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(book, kernel_name="python3", timeout=100, resources=resources).execute()
    printed = [
        "".join(each.text for each in cell.outputs if each.output_type == "stream")
        for cell in cells
    ]
    expected = [f"143 steps; in the kernel: {name == 'thread'}\n" for name in ENGINES]
    assert printed == expected
