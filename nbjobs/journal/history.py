"""Looking back: the jobs of this session and of earlier ones."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from ..exceptions import JobError, JobNotFound
from ..text import plural
from . import sessions
from .database import open_to_read
from .files import check_trusted
from .presence import presence_at
from .query import Query
from .record import COLUMNS, Record, Shell, record_of

PAGE = 100
"""How many jobs are read, and shown, at a time."""


class Reader:
    """Reads from a journal; holds nothing open.

    Attributes:
        path: The journal's file.
        shell: What its records can be shown by; None where there is no shell.
    """

    def __init__(self, path: Path, shell: Shell | None = None) -> None:
        self.path = path
        self.shell = shell

    def rows(self, statement: str, *values: Any) -> list[Any]:
        """What a SELECT finds.

        Raises:
            JobError: There is no journal, or it cannot be read.
        """
        with closing(open_to_read(self.path)) as connection:
            try:
                return connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise JobError(f"the journal {self.path} cannot be read: {error}") from None

    def dead(self) -> list[int]:
        """The sessions that are dead and not yet noted as lost."""
        presence = presence_at(self.path)
        try:
            with closing(open_to_read(self.path)) as connection:
                return sessions.lost(connection, presence)
        except (sqlite3.Error, OSError) as error:
            raise JobError(f"the journal {self.path} cannot be read: {error}") from None
        finally:
            presence.close()

    def clock(self, dead: list[int]) -> Callable[[int], float | None]:
        """Tells the time to the sessions that are alive, and None to the others."""
        now = time.time()
        gone = set(dead)
        return lambda session: None if session in gone else now

    def record(self, id_: int) -> Record:
        """One job.

        Raises:
            JobNotFound: There is none of that number.
            JobError: The journal cannot be read.
        """
        found = self.rows(f"SELECT {COLUMNS} FROM jobs WHERE id = ?", id_)
        if not found:
            raise JobNotFound(f"there is no job {id_} in the journal {self.path}")
        return record_of(found[0], self, self.clock(self.dead()))

    def parts(self, id_: int) -> list[tuple[str, str]]:
        """The output of a job, in order, as (kind, content)."""
        return self.rows("SELECT kind, content FROM parts WHERE job = ? ORDER BY id", id_)

    def traceback(self, id_: int) -> str:
        """The traceback of a job; empty if there is none."""
        found = self.rows("SELECT traceback FROM jobs WHERE id = ?", id_)
        return str(found[0][0] or "") if found else ""

    def pickled(self, id_: int) -> bytes:
        """The result of a job as bytes.

        Raises:
            JobError: The journal is not to be trusted, or the job has been pruned.
        """
        check_trusted(self.path)
        found = self.rows("SELECT result FROM jobs WHERE id = ?", id_)
        if not found or found[0][0] is None:
            raise JobError(f"the result of job {id_} is not in the journal any more")
        return bytes(found[0][0])

    def last_session(self, but: int | None) -> int:
        """The newest session with jobs, other than this one.

        Raises:
            JobError: There is none.
        """
        found = self.rows("SELECT max(session) FROM jobs WHERE session IS NOT ?", but)
        if found[0][0] is None:
            raise JobError("there is no earlier session in the journal")
        return int(found[0][0])


class History:
    """The jobs of a journal that meet a query, newest first; made by `jobs.history()`.

    It is read afresh each time: iterate over it, ask for its length, or for one job by its number
    in the journal or by its name.
    """

    def __init__(self, reader: Reader, query: Query) -> None:
        self.reader = reader
        self.query = query

    def page(self, count: int = PAGE, before: int | None = None) -> list[Record]:
        """The newest `count` of them, older than number `before`.

        Raises:
            JobError: The journal cannot be read.
        """
        reader, dead = self.reader, self.reader.dead()
        where, values = self.query.conditions(dead)
        if before is not None:
            where += f"{' AND' if where else 'WHERE'} id < ?"
            values.append(before)
        rows = reader.rows(
            f"SELECT {COLUMNS} FROM jobs {where} ORDER BY id DESC LIMIT ?", *values, count
        )
        clock = reader.clock(dead)
        return [record_of(row, reader, clock) for row in rows]

    def __iter__(self) -> Iterator[Record]:
        before: int | None = None
        while page := self.page(PAGE, before):
            yield from page
            before = page[-1].id

    def __len__(self) -> int:
        where, values = self.query.conditions(self.reader.dead())
        return int(self.reader.rows(f"SELECT count(*) FROM jobs {where}", *values)[0][0])

    def __getitem__(self, which: int | str) -> Record:
        """The job of that number in the journal; or, of those of that name, the newest.

        Raises:
            JobNotFound: There is none.
        """
        if isinstance(which, bool) or not isinstance(which, int | str):
            raise TypeError(f"a job of the journal is asked for by number or name, not {which!r}")
        if isinstance(which, int):
            return self.reader.record(which)
        for record in self:
            if record.name == which:
                return record
        raise JobNotFound(f"no job here is named {which!r}")

    def __bool__(self) -> bool:
        return bool(self.page(1))

    def __repr__(self) -> str:
        return f"<History: {plural(len(self), 'job')} in {self.reader.path}>"
