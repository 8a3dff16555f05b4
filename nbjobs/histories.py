"""The history as people see it: a table, and what to ask for it by."""

from __future__ import annotations

import html
from argparse import HelpFormatter
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from .cells import cell_task, line_task
from .display.grid import cell, new_grid, printed
from .display.recall import Recall
from .display.text import STYLES
from .engines import named
from .exceptions import JobError
from .journal.history import PAGE, History, Reader
from .journal.query import Query, add_query, moment_of, states_of
from .journal.record import Record
from .progress import Progress
from .task import NO_OPTIONS, Options
from .text import one_line, plural, seconds

if TYPE_CHECKING:
    from .job import Job
    from .manager import JobManager

_HEADS = ("id", "session", "job", "state", "submitted", "elapsed", "result or error")
_CELL = "text-align:left;padding:2px 10px;white-space:nowrap"
_AGAIN = ("name", "timeout", "queue", "retries", "retry_delay", "every", "silent", "notify")
"""The options that mean the same in another session."""


class HistoryTable(History):
    """A history that shows itself as a table of its newest jobs."""

    def __str__(self) -> str:
        return self._text(self.page())

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _repr_html_(self) -> str:
        records = self.page()
        heads = "".join(f'<th scope="col" style="{_CELL}">{head}</th>' for head in _HEADS)
        rows = "".join(
            "<tr>"
            + "".join(f'<td style="{_CELL}">{html.escape(c)}</td>' for c in cells(r))
            + "</tr>"
            for r in records
        )
        more = f"<p>{self._more(records)}</p>" if self._more(records) else ""
        return (
            f'<table class="nbjobs-history"><thead><tr>{heads}</tr></thead>'
            f"<tbody>{rows}</tbody></table>{more}"
        )

    def _text(self, records: list[Record]) -> str:
        if not records:
            return "No such jobs in the journal."
        return "\n".join(filter(None, [table(records), self._more(records)]))

    def _more(self, records: list[Record]) -> str:
        left = len(self) - len(records) if len(records) == PAGE else 0
        return f"and {plural(left, 'older job')}" if left > 0 else ""


def cells(record: Record) -> tuple[str, ...]:
    """What a table shows of a record."""
    return (
        str(record.id),
        str(record.session),
        one_line(record.label, 200),
        str(record.state),
        f"{record.submitted:%Y-%m-%d %H:%M}",
        seconds(record.elapsed) if record.started else "",
        record.outcome(200),
    )


def table(records: Iterable[Record], *, color: bool = False, width: int | None = None) -> str:
    """A table of records as text.

    Args:
        records: In the order to be shown.
        color: Whether to use the terminal's colours.
        width: How many columns there are; None asks the terminal.
    """
    grid = new_grid()
    for head in _HEADS:
        number = head in ("id", "session", "elapsed")
        ratio = {"job": 2, "result or error": 3}.get(head)
        grid.add_column(
            head, justify="right" if number else "left", no_wrap=ratio is None, ratio=ratio
        )
    for record in records:
        styles = [STYLES.get(record.state, "") if h == "state" else "" for h in _HEADS]
        grid.add_row(*map(cell, cells(record), styles))
    return printed(grid, color=color, width=width, otherwise=110)


class InShell:
    """Shows records in a shell, and starts them again there."""

    def __init__(self, shell: Any, manager: JobManager) -> None:
        self._shell = shell
        self._manager = manager

    def show(self, record: Record) -> None:
        """Show everything that was kept of its output, below a header."""
        recall = Recall(self._shell)
        seen: Any = SimpleNamespace(
            num=record.id,
            state=record.state,
            elapsed=record.elapsed,
            progress=Progress.of(record.progress, lambda _: None),
            label=record.label,
            name=record.name,
            source=record.source,
        )
        recall.header(seen)
        recall.outputs(record.outputs)

    def rerun(self, record: Record) -> Job:
        """Start its code as a new job.

        Raises:
            JobError: It was no code.
            SyntaxError: The code is not valid here.
        """
        if not record.is_code:
            raise JobError(
                f"job {record.id} of the journal cannot run again: it was the function "
                f"{record.source}, whose arguments are not kept. Submit it again with them"
            )
        task = (cell_task if "\n" in record.source else line_task)(self._shell, record.source)
        given = {name: value for name, value in record.options.items() if name in _AGAIN}
        if named(record.options.get("on") or ""):  # And not an executor of that session.
            given["on"] = record.options["on"]
            given["export"] = tuple(filter(None, record.options.get("export", "").split(", ")))
        return self._manager.start(task, Options.of(given) if given else NO_OPTIONS)


def look(
    shell: Any, manager: JobManager, path: Path, own: int | None, *, name: str | None, state: Any,
    since: Any, until: Any, session: int | None, last: bool,
) -> HistoryTable:  # fmt: skip
    """The jobs in the journal at `path`; see `JobManager.history`. `own` is the session we are."""
    reader = Reader(path, InShell(shell, manager))
    if last:
        session = reader.last_session(own)
    query = Query(name, states_of(state), moment_of(since), moment_of(until), session)
    return HistoryTable(reader, query)


def asked(manager: JobManager, words: Sequence[str]) -> HistoryTable | None:
    """What `%jobs history WORDS` asks for; None if it only wants to know what can be asked.

    Raises:
        UsageError: The words make no sense.
    """
    from IPython.core.magic_arguments import MagicArgumentParser

    parser = MagicArgumentParser(
        prog="%jobs history", description="Jobs of this session and of earlier ones, newest first.",
        formatter_class=HelpFormatter,
    )  # fmt: skip
    parser.add_argument("-h", "--help", action="store_true", help="show this")
    add_query(parser)
    values = vars(parser.parse_args(list(words)))
    if values.pop("help"):
        parser.print_help()
        return None
    found: HistoryTable = manager.history(**values)
    return found
