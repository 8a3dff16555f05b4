"""How far the journal has come with one job, and the part of its output that it has so far.

While a job runs its output is written as it comes, so that if its kernel dies one sees how far it
got. When it has ended, that is replaced by what its recorder holds, which is what `job.outputs` is:
displays as they were last updated, and without what was cleared.
"""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from typing import TYPE_CHECKING

from ..capture.views import Cursor
from . import parts

if TYPE_CHECKING:
    from ..capture.recorder import Recorder

HEAD = 64 * 1024
TAIL = 1024 * 1024
"""Characters of a running job's output that are kept from its start, and up to its end."""

MUCH = 32 * 1024
"""Who puts out more than that between two writes is written less often."""

PAUSE = 1.0

_INSERT = "INSERT INTO parts (job, kind, chars, content) VALUES (?, ?, ?, ?)"


class Trail:
    """What is known of a job that is in the journal.

    Attributes:
        id: Its number there.
        ended: Whether its end has been written.
        due: Before that moment, by `time.monotonic`, its output need not be looked at again.
    """

    __slots__ = ("_cursor", "_gap", "_gap_row", "_head", "_size", "_stale", "_tail", "due",
                 "ended", "id")  # fmt: skip

    def __init__(self, id_: int) -> None:
        self.id = id_
        self._stale = False
        self._begin()
        self.ended = False

    def rewind(self, *, ended: bool) -> None:
        """What was written last is not in the file: all of its output is to be written again."""
        self._begin()
        self._stale = True
        self.ended = ended

    def _begin(self) -> None:
        self.due = 0.0
        self._cursor = Cursor()
        self._head = 0
        self._tail: deque[tuple[int, bool, int]] = deque()  # Row, whether it is text, size.
        self._size = 0
        self._gap = [0, 0]
        self._gap_row: int | None = None

    def append(self, connection: sqlite3.Connection, recorder: Recorder, now: float) -> None:
        """Write what is new."""
        recorder.take()
        news = recorder.since(self._cursor)
        self._cursor = news.cursor
        if self._stale:
            self._stale = False
            self._delete(connection)
        written = 0
        for kind, chars, content in parts.encode(news.entries):
            size = len(content)
            written += size
            row = connection.execute(_INSERT, (self.id, kind, chars, content)).lastrowid
            assert row is not None
            if not self._tail and self._head + size <= HEAD:
                self._head += size
            else:
                self._tail.append((row, chars > 0, size))
                self._size += size
        self._trim(connection)
        self.due = now + PAUSE if written > MUCH else 0.0

    def replace(self, connection: sqlite3.Connection, rows: list[parts.Row]) -> None:
        """Write all that its recorder holds in the end."""
        self._delete(connection)
        self.write(connection, rows)

    def write(self, connection: sqlite3.Connection, rows: list[parts.Row]) -> None:
        """Write these, where there is nothing yet."""
        for row in rows:
            connection.execute(_INSERT, (self.id, *row))

    def _delete(self, connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM parts WHERE job = ?", (self.id,))

    def _trim(self, connection: sqlite3.Connection) -> None:
        while self._size > TAIL and len(self._tail) > 1:
            row, is_text, size = self._tail.popleft()
            self._size -= size
            self._gap[0 if is_text else 1] += size if is_text else 1
            if self._gap_row is None:
                self._gap_row = row
            else:
                connection.execute("DELETE FROM parts WHERE id = ?", (row,))
            connection.execute(
                "UPDATE parts SET kind = 'gap', chars = 0, content = ? WHERE id = ?",
                (json.dumps(self._gap), self._gap_row),
            )
