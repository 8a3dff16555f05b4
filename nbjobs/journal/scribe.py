"""What the journal's thread does when there is something to do, and when that fails.

Whatever fails with the file is said once and tried again; what could not be written waits, but no
more than `MOST` jobs do.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from ..exceptions import JobNotFound
from ..states import JobState
from .faults import FAULTS, Retries, Warnings, is_broken, is_of_the_file
from .files import identity
from .results import Results
from .schema import NewerJournal
from .seen import Seen
from .store import Entry, Moved, Store, put_away

if TYPE_CHECKING:
    from ..job import Job
    from .writer import Writer

log = logging.getLogger(__name__)

AT_ONCE = 3
"""How often to try at once when the file was replaced by another."""

MOST = 10_000
"""How many jobs may wait while the file cannot be written; the oldest are dropped then."""


class Scribe:
    """Writes what its writer was told of.

    Attributes:
        unwritten: The jobs that have still to be written.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._warnings = Warnings(writer.keeping.path, writer.say)
        self._retries = Retries()
        self.unwritten: dict[Job, Seen] = {}
        self._results = Results(writer.keeping.result_size)
        self._store: Store | None = None
        self._opened: tuple[int, int] | None = None
        self._looked = False
        self._useless = False
        self._awaited: list[threading.Event] = []

    @property
    def session(self) -> int | None:
        """The number of this session in the file, if it has one."""
        store = self._store
        return None if store is None else store.session

    @property
    def failing(self) -> bool:
        """Whether the last try to write has failed."""
        return self._retries.failing

    def work(self) -> float | None:
        """Write what there is; returns when to look again even if nothing happens."""
        self._awaited += self._gather()
        try:
            pause = None
            for _ in range(AT_ONCE):
                pause = None if self._useless else self._write(everything=bool(self._awaited))
                if pause != 0.0:
                    break
        except Exception:
            # Not one of the file's faults, but ours. It must not end the thread.
            log.exception("nbjobs: the journal has left out what it could not write")
            self.unwritten.clear()
            pause = None
        # Not before the results are there, either, unless that cannot be said any more.
        if not self._results.late or pause is None or self.failing:
            awaited, self._awaited = self._awaited, []
            for done in awaited:
                done.set()
        return pause

    def _gather(self) -> list[threading.Event]:
        waiting = []
        for _ in range(len(self._writer.told)):
            item = self._writer.told.popleft()
            if isinstance(item, threading.Event):
                waiting.append(item)
                continue
            job, seen = item
            before = self.unwritten.get(job)
            if before is not None and before.ending is not None:
                seen = Seen(before.state, before.ending, before.recorder or seen.recorder)
            elif before is not None and seen.recorder is None:
                seen = seen._replace(recorder=before.recorder)
            self.unwritten[job] = seen
        while len(self.unwritten) > MOST:
            del self.unwritten[next(iter(self.unwritten))]
        return waiting

    def _write(self, *, everything: bool) -> float | None:
        try:
            self._write_or_fail(everything=everything)
        except Moved:
            self._start_over("it was moved or deleted; a new one is begun")
            return 0.0
        except NewerJournal as error:
            self._useless = True
            self._warnings.fault(error, "nothing is written")
            self.unwritten.clear()
            return None
        except FAULTS as error:
            if is_broken(error):
                return self._replace_broken(error)
            self._warnings.fault(error, "it is tried again")
            return self._retries.pause()
        self._retries.succeeded()
        self._warnings.succeeded()
        return self._next_look()

    def _write_or_fail(self, *, everything: bool) -> None:
        if self._store is None:
            self._opened = identity(self._writer.keeping.path)
            self._store = Store(self._writer.keeping)
        store = self._store
        store.check_in_place()
        if not self._looked:
            line = store.news()
            self._looked = True
            if line:
                self._writer.say(line)
        if everything:
            self._look_for_ended(store)
        now = time.monotonic()
        ready = {
            job: seen
            for job, seen in self.unwritten.items()
            if everything or seen.ending is not None or store.due(job) <= now
        }
        if ready:
            self._writer.open_door()
            store.begin(self._writer.me)
            results = self._results.of(ready, store)
            # Before their output is read: what comes from here on is told of again.
            self._writer.touched.difference_update(ready)
            written = _write_all(
                store, [Entry(job, seen, results[job]) for job, seen in ready.items()]
            )
            for job in ready:
                del self.unwritten[job]
            self._results.written(written, results, store)
        self._results.write_late(store)
        store.prune()

    def _look_for_ended(self, store: Store) -> None:
        """Who waits for a job is woken before its end is told of, and asks what became of it."""
        for job in {*store.unended(), *self.unwritten}:
            ending = job.ending
            seen = self.unwritten.get(job)
            if ending is None or (seen is not None and seen.ending is not None):
                continue
            # Not that of a job that was removed: that one's end was told of, or soon is.
            if not isinstance(ending.error, JobNotFound):
                recorder = job.recorder if job.has_output else None
                self.unwritten[job] = Seen(ending.state, ending, recorder)

    def _next_look(self) -> float | None:
        looks = [self._results.next_look()]
        store = self._store
        if store is not None and self.unwritten:
            now = time.monotonic()
            looks.append(max(0.0, min(store.due(job) for job in self.unwritten) - now))
        return min((look for look in looks if look is not None), default=None)

    def _replace_broken(self, error: BaseException) -> float | None:
        try:
            store = self._store
            if store is not None:
                self._leave(store)
                where = store.set_aside()
            else:
                where = put_away(self._writer.keeping, self._opened)
        except FAULTS as fault:
            self._warnings.fault(fault, "it is broken, and could not be put away")
            return self._retries.pause()
        self._warnings.fault(error, f"{where}, and a new one is begun")
        return 0.0

    def _start_over(self, why: str) -> None:
        assert self._store is not None
        store = self._store
        self._leave(store)
        store.close(end_session=False)
        self._warnings.say("moved", why)

    def _leave(self, store: Store) -> None:
        """Have what still runs entered in the next file, too."""
        self._store = None
        self._results.forget_late()
        for job in store.unended():
            recorder = job.recorder if job.has_output else None
            self.unwritten.setdefault(job, Seen(JobState.RUNNING, None, recorder))

    def close(self) -> None:
        """End the session, and close the file."""
        self._results.close()
        if self._store is not None:
            try:
                self._store.close(end_session=True)
            except FAULTS as error:
                self._warnings.fault(error, "the end of this session is not in it")
            self._store = None


def _write_all(store: Store, entries: list[Entry]) -> list[Job]:
    """Write jobs; one that cannot be written, being too strange, is left out, and only that one."""
    try:
        store.write(entries)
    except Exception as error:
        if is_of_the_file(error):
            raise
    else:
        return [entry.job for entry in entries]
    written = []
    for entry in entries:
        try:
            store.write([entry])
        except Exception as error:
            if is_of_the_file(error):
                raise
            log.exception("nbjobs: job %s cannot be written to the journal", entry.job.num)
        else:
            written.append(entry.job)
    return written
