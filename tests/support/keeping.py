"""A manager with a journal of its own, and what the journal holds then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbjobs import JobManager
from nbjobs.journal.history import History, Reader
from nbjobs.journal.journal import Journal
from nbjobs.journal.options import Keeping
from nbjobs.journal.query import Query
from nbjobs.journal.record import Record

LIMIT = 30.0


class Kept:
    """Jobs, the journal they are kept in, and the lines it has told the user."""

    def __init__(self, path: Path, **keeping: Any) -> None:
        self.path = path
        self.jobs = JobManager()
        self.lines: list[str] = []
        self.journal = Journal(Keeping(path, **keeping), self.lines.append)
        self.jobs.subscribe(self.journal.on_event)

    def records(self, **query: Any) -> list[Record]:
        """What is in the journal, once all is written; the oldest first."""
        assert self.journal.flush(LIMIT), self.lines
        return self.so_far(**query)

    def so_far(self, **query: Any) -> list[Record]:
        """What is in the journal by now; the oldest first."""
        return list(History(Reader(self.path), Query(**query)))[::-1]

    def only(self) -> Record:
        """The one job in the journal."""
        (record,) = self.records()
        return record

    def close(self) -> None:
        """End the jobs, then the journal."""
        self.jobs.close(LIMIT)
        self.journal.close(LIMIT)


@contextmanager
def kept(path: Path, **keeping: Any) -> Iterator[Kept]:
    """A manager with a journal at `path`."""
    made = Kept(path, **keeping)
    try:
        yield made
    finally:
        made.close()
