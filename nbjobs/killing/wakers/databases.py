"""A query that runs in sqlite3."""

from __future__ import annotations

import sys

from .. import codes
from ..looks import Look

_QUERIES = frozenset(
    {"execute", "executemany", "executescript", "fetchone", "fetchmany", "fetchall", "next"}
)


class SqliteWaker:
    """Interrupts the connection whose query the call is in."""

    name = "sqlite3"

    def wake(self, look: Look) -> bool:
        """Wake the call if its innermost frame runs a query."""
        sqlite3 = sys.modules.get("sqlite3")
        if sqlite3 is None:
            return False
        top = look.frames[0]
        if codes.call_at(top.f_code, look.offset) not in _QUERIES:
            return False
        for value in list(top.f_locals.values()):
            if isinstance(value, sqlite3.Cursor):
                value = value.connection
            if isinstance(value, sqlite3.Connection):
                value.interrupt()
                return True
        return False
