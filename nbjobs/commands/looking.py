"""`nbjobs ls`, `show` and `tail`: they read the journal and change nothing."""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from itertools import islice
from typing import Any

from ..journal.history import History, Reader
from ..journal.query import Query, moment_of, states_of
from ..journal.record import Record
from .codes import Exit
from .places import reader_for

INTERVAL = 0.1
"""Seconds between two looks at a job that runs."""


def ls(arguments: Namespace) -> Exit:
    """List jobs, the newest first."""
    reader = reader_for(arguments)
    session = reader.last_session(None) if arguments.last else arguments.session
    query = Query(
        arguments.name,
        states_of(arguments.state),
        moment_of(arguments.since),
        moment_of(arguments.until),
        session,
    )
    records = list(islice(History(reader, query), arguments.limit))
    if arguments.json:
        print(json.dumps([record.as_dict() for record in records], indent=2))
    elif not records:
        print("no such jobs in the journal")
    else:
        # Here: a table takes longer to import than all the rest.
        from ..histories import table

        print(table(records, color=sys.stdout.isatty()))
    return Exit.OK


def show(arguments: Namespace) -> Exit:
    """Show a job: what is known of it, its output and its traceback."""
    reader = reader_for(arguments)
    record = reader.record(arguments.id)
    if arguments.json:
        print(json.dumps({**record.as_dict(), "outputs": record.outputs}, indent=2))
        return Exit.OK
    for name, value in _facts(record):
        print(f"{name + ':':11}{value}")
    print(f"\n{record.source.rstrip()}\n")
    printed = record.printed
    if printed:
        print(printed, end="" if printed.endswith("\n") else "\n")
    trace = reader.traceback(record.id)
    if trace:
        print(trace)
    return Exit.OK


def tail(arguments: Namespace) -> Exit:
    """Print the end of a job's output; with --follow, go on until the job has ended."""
    reader = reader_for(arguments)
    record = reader.record(arguments.id)
    lines = record.printed.splitlines(keepends=True)
    sys.stdout.write("".join(lines[-arguments.lines :] if arguments.lines else []))
    sys.stdout.flush()
    if arguments.follow:
        _follow(reader, record)
    return Exit.OK


def _follow(reader: Reader, record: Record) -> None:
    seen = len(record.printed)
    while not record.state.finished:
        time.sleep(INTERVAL)
        # First the state: what is printed after that look is seen by the next.
        record = reader.record(record.id)
        printed = record.printed
        # Less than before: something was cleared, or dropped in the middle.
        sys.stdout.write(printed[seen:])
        sys.stdout.flush()
        seen = len(printed)


def _facts(record: Record) -> list[tuple[str, Any]]:
    done, total = record.progress
    facts = [
        ("job", f"{record.id} (number {record.num} of session {record.session})"),
        ("name", record.name),
        ("state", record.summary(200)),
        ("submitted", f"{record.submitted:%Y-%m-%d %H:%M:%S}"),
        ("progress", None if done is None else f"{done:g}" + (f"/{total:g}" if total else "")),
        ("options", ", ".join(f"{name}={value}" for name, value in record.options.items())),
        ("result", f"{record.result_type} {record.result_note}".strip()),
    ]
    return [(name, value) for name, value in facts if value]
