"""What is too old, or too much, goes; the oldest first."""

from __future__ import annotations

import sqlite3
import time

from .sessions import OVER

SLICE = 200
"""Jobs deleted in one transaction, so that other kernels can write in between."""

SMALL_SLICE = 20
"""The same where each may be large, and no more should go than has to."""

_DAY = 86400.0
_MARKS = ", ".join("?" * len(OVER))


def prune(connection: sqlite3.Connection, days: float, megabytes: float) -> int:
    """Delete jobs that ended more than `days` ago, then the oldest until the rest is small enough.

    Returns:
        How many jobs were deleted.

    Raises:
        sqlite3.Error: The journal cannot be written.
    """
    deleted = 0
    before = time.time() - days * _DAY
    while count := _delete(connection, SLICE, "submitted < ?", (before,)):
        deleted += count
    # A little below the limit, so that it is not reached again by the next job.
    if size_of(connection) > megabytes * 1e6:
        while size_of(connection) > megabytes * 0.9e6:
            count = _delete(connection, SMALL_SLICE, "1", ())
            if not count:
                break
            deleted += count
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "DELETE FROM sessions WHERE ended IS NOT NULL AND ended < ? AND id NOT IN "
        "(SELECT session FROM jobs)",
        (before,),
    )
    connection.execute("COMMIT")
    if deleted:
        give_back(connection)
    return deleted


def give_back(connection: sqlite3.Connection) -> None:
    """Give unused space back to the system."""
    # As a script: of a statement without columns, which frees a page with each step, Python 3.11
    # takes one step only.
    connection.executescript("PRAGMA incremental_vacuum")


def size_of(connection: sqlite3.Connection) -> int:
    """The bytes in use in the file."""

    def number(pragma: str) -> int:
        return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])

    return (number("page_count") - number("freelist_count")) * number("page_size")


def _delete(
    connection: sqlite3.Connection, most: int, condition: str, values: tuple[float, ...]
) -> int:
    """Delete some of the oldest jobs that have ended and meet a condition; returns how many."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = connection.execute(
            f"SELECT id FROM jobs WHERE state IN ({_MARKS}) AND {condition} ORDER BY id LIMIT ?",
            (*OVER, *values, most),
        ).fetchall()
        connection.executemany("DELETE FROM parts WHERE job = ?", found)
        connection.executemany("DELETE FROM jobs WHERE id = ?", found)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return len(found)
