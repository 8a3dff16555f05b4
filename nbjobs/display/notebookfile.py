"""Whether the running cell is the last of its notebook, found out from the notebook's file.

A client that runs a notebook to its end tells the kernel nothing of the cells to come. But it
usually runs the kernel in the notebook's folder, and the notebook there whose first cells are those
that the kernel has run so far is the one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LARGEST = 50_000_000


def is_last_cell(history: Sequence[str], folder: Path) -> bool | None:
    """Whether the newest of the cells in `history` is the last of a notebook in `folder`.

    Returns:
        None if no notebook there has these cells.
    """
    ran = [_essence(source) for source in history]
    ran = [source for source in ran if source]
    ends = [
        len(cells) == len(ran)
        for path in sorted(folder.glob("*.ipynb"))
        if (cells := _code_cells(path))[: len(ran)] == ran and ran
    ]
    # Two copies of different length: wait rather than lose output.
    return any(ends) if ends else None


def _code_cells(path: Path) -> list[str]:
    try:
        if path.stat().st_size > LARGEST:
            return []
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Not there any more, not readable, no notebook: not the one.
        return []
    cells = notebook.get("cells", []) if isinstance(notebook, dict) else []
    sources = [_essence(_source(cell)) for cell in cells if _is_code(cell)]
    return [source for source in sources if source]


def _is_code(cell: Any) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") == "code"


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _essence(source: str) -> str:
    # What the kernel keeps differs in the space around it.
    return source.strip()
