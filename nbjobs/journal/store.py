"""The journal's file in the hands of its one writer."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from ..states import JobState
from . import parts, retention, rows, sessions
from .database import open_to_write
from .files import create, identity, set_aside
from .options import Keeping, Self
from .presence import presence_at
from .results import Result
from .seen import Seen
from .trail import Trail

if TYPE_CHECKING:
    from ..job import Job

PRUNE_EVERY = 2000
"""Jobs after which the file is looked at again for what is too old or too much."""


class Entry(NamedTuple):
    """A job that is to be written."""

    job: Job
    seen: Seen
    result: Result


class Moved(Exception):
    """The file is not the one that was opened any more."""


class Store:
    """An open journal.

    Attributes:
        session: The number of the session that is entered; None before.

    Raises:
        sqlite3.Error, OSError, NewerJournal: It cannot be opened.
    """

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping
        create(keeping.path)
        self.presence = presence_at(keeping.path)
        try:
            self.connection = open_to_write(keeping.path)
        except BaseException:
            self.presence.close()
            raise
        self._identity = identity(keeping.path)
        self.session: int | None = None
        self._trails: WeakKeyDictionary[Job, Trail] = WeakKeyDictionary()
        self._until_pruned = 0

    def news(self) -> str:
        """Note which sessions are lost; returns a line about them, if there is something new."""
        line = ""

        def note() -> None:
            nonlocal line
            sessions.mark_lost(self.connection, self.presence)
            line = sessions.news_of_lost(self.connection)

        self._in_transaction(note)
        return line

    def prune(self) -> None:
        """Delete what is too old or too much, if it is time to look for that."""
        if self._until_pruned <= 0:
            retention.prune(self.connection, self._keeping.days, self._keeping.megabytes)
            self._until_pruned = PRUNE_EVERY

    def begin(self, me: Self) -> None:
        """Enter a session, unless that is done."""
        if self.session is None:

            def enter() -> None:
                self.session = sessions.begin(self.connection, self.presence, me)

            try:
                self._in_transaction(enter)
            except BaseException:
                self._leave()
                raise

    def check_in_place(self) -> None:
        """See that the file is still there under its name.

        Raises:
            Moved: It was deleted, or set aside by another kernel that found it broken.
        """
        if identity(self._keeping.path) != self._identity:
            raise Moved

    def due(self, job: Job) -> float:
        """The moment before which a running job need not be written again; 0 if at once."""
        trail = self._trails.get(job)
        return 0.0 if trail is None else trail.due

    def has_ended(self, job: Job) -> bool:
        """Whether the end of a job has been written."""
        trail = self._trails.get(job)
        return trail is not None and trail.ended

    def id_of(self, job: Job) -> int:
        """The number of a job that has been written."""
        return self._trails[job].id

    def unended(self) -> list[Job]:
        """The jobs whose end has not been written yet."""
        return [job for job, trail in self._trails.items() if not trail.ended]

    def write(self, entries: list[Entry]) -> None:
        """Write jobs, all or none of them."""
        now = time.monotonic()
        before = {entry.job: self._trails.get(entry.job) for entry in entries}
        ended = {job for job, trail in before.items() if trail is not None and trail.ended}
        try:
            self._in_transaction(lambda: self._write_all(entries, now))
        except BaseException:
            # The file is as it was: the trails are not to be ahead of it.
            for job, trail in before.items():
                if trail is None:
                    self._trails.pop(job, None)
                else:
                    trail.rewind(ended=job in ended)
            raise
        self._until_pruned -= len(entries)

    def write_results(self, results: list[tuple[int, Result]]) -> None:
        """Write results that were pickled after their jobs had been written."""
        values = [(*result, id_) for id_, result in results]
        statement = "UPDATE jobs SET result_note = ?, result = ? WHERE id = ?"
        self._in_transaction(lambda: self.connection.executemany(statement, values))

    def close(self, *, end_session: bool) -> None:
        """Close it; errors are of no use to anybody any more, unless the session is to be ended.

        Raises:
            sqlite3.Error: The end of the session could not be written.
        """
        try:
            session = self.session
            if end_session and session is not None:
                self._in_transaction(lambda: sessions.end(self.connection, session))
        finally:
            self._leave()
            # Closing may fail where writing has.
            with suppress(sqlite3.Error):
                self.connection.close()
            self.presence.close()

    def set_aside(self) -> str:
        """Rename the file, which has been found broken; says where it is now."""
        self.close(end_session=False)
        return put_away(self._keeping, self._identity)

    def _leave(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            self.presence.let_go(session)

    def _write_all(self, entries: list[Entry], now: float) -> None:
        for entry in entries:
            self._write(entry, now)

    def _write(self, entry: Entry, now: float) -> None:
        job, (state, ending, recorder), result = entry
        trail = self._trails.get(job)
        if trail is not None and trail.ended:
            # It was put out by a thread that has outlived its job.
            if recorder is not None:
                trail.replace(self.connection, parts.encode(recorder.entries))
            return
        entries = [] if recorder is None or ending is None else recorder.entries
        trace = ""
        if ending is not None and ending.error is not None:
            trace = rows.traceback_of(ending, entries)
        if ending is None and state.finished:
            state = JobState.RUNNING  # Its end is told of in an event that is on its way.
        standing = rows.standing(job, state)
        outcome = rows.outcome(ending, trace, result)
        if trail is None:
            assert self.session is not None
            values = (*rows.identity(self.session, job), *standing, *outcome)
            id_ = self.connection.execute(rows.INSERT, values).lastrowid
            assert id_ is not None
            trail = self._trails[job] = Trail(id_)
            if ending is not None:
                trail.write(self.connection, parts.encode(entries))
        elif ending is None:
            self.connection.execute(rows.UPDATE_RUNNING, (*standing, trail.id))
        else:
            self.connection.execute(rows.UPDATE, (*standing, *outcome, trail.id))
            # A job that was removed at once has let go of its recorder; what was written stays.
            if recorder is not None:
                trail.replace(self.connection, parts.encode(entries))
        if ending is not None:
            trail.ended = True
        elif recorder is not None:
            trail.append(self.connection, recorder, now)

    def _in_transaction(self, body: Callable[[], object]) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            body()
            self.connection.execute("COMMIT")
        except BaseException:
            # Some errors, such as a full disk, have rolled it back already.
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise


def put_away(keeping: Keeping, broken: tuple[int, int] | None) -> str:
    """Rename a journal that has been found broken; says where it is now, or that another did so."""
    presence = presence_at(keeping.path)
    try:
        target = set_aside(keeping.path, presence.fd, broken)
    finally:
        presence.close()
    return f"it is kept as {target}" if target else "another kernel has put it away"
