"""Opening a journal, to write it or to read it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

from ..exceptions import JobError
from .files import create
from .schema import migrate

PATIENCE = 2.0
"""How long, in seconds, to wait for others that write to the file at this moment."""


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open the journal, making it if there is none.

    Raises:
        sqlite3.Error, OSError, NewerJournal: That is not possible.
    """
    create(path)
    # Used by one thread, and closed by another when that one cannot any more.
    connection = sqlite3.connect(
        path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        # Only has an effect on an empty file. Space can then be given back bit by bit.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        _check_mode(mode)
        # What was committed outlives the process; only the machine's own crash may undo the last.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA journal_size_limit = 8388608")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_mode(mode: str) -> None:
    # SQLite says so instead of failing where several processes cannot share memory.
    if mode != "wal":
        raise sqlite3.OperationalError(
            f"several kernels could not write here: journal mode {mode} in place of wal"
        )


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open the journal to look into it.

    Raises:
        JobError: There is none, or it cannot be read.
    """
    if not path.exists():
        raise JobError(f"there is no journal yet at {path}: it begins with the first job")
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode=ro",
            uri=True,
            timeout=PATIENCE,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise JobError(f"the journal {path} cannot be read: {error}") from None
    if not version:
        connection.close()
        raise JobError(f"there is nothing in the journal {path} yet")
    return connection
