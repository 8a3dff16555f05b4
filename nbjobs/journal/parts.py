"""A job's output in the journal: text and rich outputs in the recorder's order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ..capture.entries import Entry, Gap, Output, Rich, Text, publishable

Row = tuple[str, int, str]
"""Kind, number of characters, content."""

_GAP = "gap"
_RICH = "rich"


def encode(entries: Iterable[Entry]) -> list[Row]:
    """The rows for these entries, neighbouring text of one stream in one of them."""
    rows: list[Row] = []
    run: list[str] = []
    run_name = ""

    def end_run() -> None:
        if run:
            text = publishable("".join(run))
            rows.append((run_name, len(text), text))
            run.clear()

    for entry in entries:
        if isinstance(entry, Text):
            if entry.name != run_name:
                end_run()
                run_name = entry.name
            run.append(entry.text)
            continue
        end_run()
        if isinstance(entry, Rich):
            rows.append((_RICH, 0, json.dumps(entry.output())))
        else:
            rows.append((_GAP, 0, json.dumps([entry.chars, entry.displays])))
    end_run()
    return rows


def outputs(rows: Iterable[tuple[str, str]]) -> list[Output]:
    """The rows, as (kind, content), as outputs of a notebook file."""
    found: list[dict[str, Any]] = []
    for kind, content in rows:
        if kind == _RICH:
            found.append(json.loads(content))
            continue
        name, text = ("stderr", _gap_line(content)) if kind == _GAP else (kind, content)
        last = found[-1] if found else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        else:
            found.append({"output_type": "stream", "name": name, "text": text})
    return found


def text(rows: Iterable[tuple[str, str]], *streams: str) -> str:
    """The text of these streams, and a line where something was dropped."""
    return "".join(
        _gap_line(content) if kind == _GAP else content
        for kind, content in rows
        if kind == _GAP or kind in streams
    )


def _gap_line(content: str) -> str:
    return f"\n{Gap(*json.loads(content))}\n"
