"""The tables of a journal, and the steps from each version of them to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_SESSIONS_AND_JOBS = """
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    folder TEXT NOT NULL,
    python TEXT NOT NULL,
    socket TEXT NOT NULL,
    token TEXT NOT NULL,
    started REAL NOT NULL,
    ended REAL,
    lost INTEGER NOT NULL DEFAULT 0,
    told INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session INTEGER NOT NULL REFERENCES sessions (id),
    num INTEGER NOT NULL,
    state TEXT NOT NULL,
    name TEXT,
    source TEXT NOT NULL,
    is_code INTEGER NOT NULL,
    options TEXT NOT NULL,
    submitted REAL NOT NULL,
    started REAL,
    ended REAL,
    elapsed REAL NOT NULL,
    done REAL,
    total REAL,
    attempts INTEGER NOT NULL,
    error TEXT,
    result_type TEXT,
    result_repr TEXT,
    result_note TEXT,
    traceback TEXT,
    result BLOB
);
CREATE TABLE parts (
    id INTEGER PRIMARY KEY,
    job INTEGER NOT NULL REFERENCES jobs (id),
    kind TEXT NOT NULL,
    chars INTEGER NOT NULL,
    content TEXT NOT NULL
);
"""

_INDEXES = """
CREATE INDEX jobs_by_session ON jobs (session, num);
CREATE INDEX parts_by_job ON parts (job, id);
"""

MIGRATIONS: Sequence[str] = (_SESSIONS_AND_JOBS, _INDEXES)
"""What leads from each version to the next; the first from an empty file. Only ever added to."""


class NewerJournal(Exception):
    """The file was written by a later nbjobs, and is left alone."""


def migrate(connection: sqlite3.Connection, steps: Sequence[str] = MIGRATIONS) -> None:
    """Bring the file up to date, one step a transaction; does nothing if it is.

    Raises:
        NewerJournal: It is of a later version than the last step leads to.
        sqlite3.Error: A step has failed; the file is as it was before that step.
    """
    while (version := _version(connection)) < len(steps):
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another kernel may have been quicker.
            if _version(connection) == version:
                for statement in steps[version].split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    if version > len(steps):
        raise NewerJournal(
            f"it is of version {version}, and this nbjobs knows {len(steps)}: install a later "
            "nbjobs, or choose another file by %config NbJobs.journal_path"
        )


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
