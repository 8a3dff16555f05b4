"""`nbjobs kill`, `wait` and `prune`."""

from __future__ import annotations

import sqlite3
import sys
import time
from argparse import Namespace
from contextlib import closing

from ..control.client import ask
from ..exceptions import JobError
from ..journal.database import open_to_write
from ..journal.history import Reader
from ..journal.presence import presence_at
from ..journal.retention import give_back
from ..journal.retention import prune as prune_journal
from ..journal.sessions import mark_lost
from ..states import JobState
from ..text import plural
from .codes import Exit
from .looking import INTERVAL
from .places import reader_for

_SOON = 5.0
"""Seconds that a kernel has for its answer beside the time that the killing may take."""


def kill(arguments: Namespace) -> Exit:
    """Kill jobs, in whatever kernels they run."""
    reader = reader_for(arguments)
    code = Exit.OK
    for id_ in arguments.ids:
        code = max(code, _kill_one(reader, id_, arguments))
    return code


def wait(arguments: Namespace) -> Exit:
    """Wait until jobs have ended."""
    reader = reader_for(arguments)
    end = None if arguments.timeout is None else time.monotonic() + arguments.timeout
    code = Exit.OK
    for id_ in arguments.ids:
        while not (record := reader.record(id_)).state.finished:
            if end is not None and time.monotonic() >= end:
                print(f"job {id_} has not ended: {record.summary()}", file=sys.stderr)
                return Exit.NOT_YET
            time.sleep(INTERVAL)
        print(f"job {id_} {record.summary(200)}")
        if record.state is not JobState.SUCCEEDED:
            code = Exit.FAILED
    return code


def prune(arguments: Namespace) -> Exit:
    """Delete old jobs from the journal, and give the space back."""
    path = reader_for(arguments).path
    presence = presence_at(path)
    try:
        with closing(open_to_write(path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            mark_lost(connection, presence)
            connection.execute("COMMIT")
            count = prune_journal(connection, arguments.days, arguments.size)
            give_back(connection)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except (sqlite3.Error, OSError) as error:
        raise JobError(f"the journal {path} cannot be written: {error}") from None
    finally:
        presence.close()
    print(f"{plural(count, 'job')} deleted; {path} has {path.stat().st_size / 1e6:.1f} MB")
    return Exit.OK


def _kill_one(reader: Reader, id_: int, arguments: Namespace) -> Exit:
    record = reader.record(id_)
    if record.state.finished:
        print(f"job {id_} has ended: {record.summary()}", file=sys.stderr)
        return Exit.FAILED
    ((place, token),) = reader.rows(
        "SELECT socket, token FROM sessions WHERE id = ?", record.session
    )
    request = {"do": "kill", "num": record.num, "grace": arguments.grace, "force": arguments.force}
    answer = ask(place, token, request, arguments.grace + _SOON)
    if answer["result"] == "too late":
        # The journal did not know yet.
        print(f"job {id_} has ended: {answer['summary']}", file=sys.stderr)
        return Exit.FAILED
    print(f"job {id_} {answer['summary']}")
    if answer["result"] == "pending":
        where = answer["blocked_in"]
        print(f"it has not ended yet{f': it hangs in {where}' if where else ''}", file=sys.stderr)
        return Exit.NOT_YET
    return Exit.OK
