"""The table of docs/executors.md, made from what the contract's tests have found.

`python tests/support/contract_table.py` runs the contract and writes the table. A cell is the
outcome of one test: that the engine does what the row says, or that it does what is promised
instead, in the words of its row. The run fails, and nothing is written, if a test does.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from contract_checks import CHECKS
from contract_engines import ROWS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "executors.md"
BEGIN, END = "<!-- contract -->\n", "<!-- /contract -->\n"


class Outcomes:
    """Collects what has become of each test."""

    def __init__(self) -> None:
        self.passed: set[tuple[str, str]] = set()

    def pytest_runtest_logreport(self, report: Any) -> None:
        """One phase of a test is over."""
        found = dict(report.user_properties)
        if report.when == "call" and report.passed and "engine" in found:
            self.passed.add((found["engine"], found["check"]))


def table(passed: set[tuple[str, str]]) -> str:
    """The table, of what has passed.

    Raises:
        KeyError: A test is missing, or has failed.
    """
    notes: list[str] = []
    lines = [
        "| | " + " | ".join(row.name for row in ROWS) + " |",
        "|---" * (len(ROWS) + 1) + "|",
    ]
    for check in CHECKS:
        cells = []
        for row in ROWS:
            if (row.name, check.title) not in passed:
                raise KeyError(f"{row.name}: {check.title}")
            reason = row.lacks.get(check.title)
            if reason is None:
                cells.append("yes")
                continue
            if reason not in notes:
                notes.append(reason)
            cells.append(f"no ({notes.index(reason) + 1})")
        lines.append(f"| {check.title} | " + " | ".join(cells) + " |")
    explained = [f"{number}. {note}" for number, note in enumerate(notes, 1)]
    return "\n".join([*lines, "", *explained, ""])


def main() -> int:
    """Run the contract, and write the table."""
    outcomes = Outcomes()
    tests = ROOT / "tests" / "contract" / "test_contract.py"
    status = pytest.main(["-q", f"{tests}::test_contract"], plugins=[outcomes])
    if status:
        return int(status)
    text = PAGE.read_text()
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    PAGE.write_text(text[:start] + "\n" + table(outcomes.passed) + "\n" + text[end:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
