"""The results of a batch of jobs: most are pickled in time to be written with it, some later."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from ..resultref import ResultRef
from .pickles import Pickled, Picklery

if TYPE_CHECKING:
    from ..job import Job
    from .seen import Seen
    from .store import Store

TOGETHER = 0.05
"""How long, in seconds, a batch waits for its results to be pickled."""

LOOK_AGAIN = 0.05

_PENDING = "it was still being pickled; if its kernel has died meanwhile, it never will be kept"
_ELSEWHERE = "it is larger, and stayed on the cluster until it was read"
_UNWANTED = "no results are kept (NbJobs.journal_result_size is 0)"


class Result(NamedTuple):
    """What is written of a result: its bytes, or a note why there are none."""

    note: str
    data: bytes | None


class Results:
    """Pickles results for a writer.

    Args:
        limit: The largest result that is kept, in bytes; 0 for none.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._picklery = Picklery()
        self._begun: dict[Job, Pickled] = {}
        self._late: list[tuple[int, Pickled]] = []

    def of(self, jobs: dict[Job, Seen], store: Store) -> dict[Job, Result]:
        """The results of those that have succeeded, as far as they come soon."""
        now = time.monotonic()
        for job, seen in jobs.items():
            ending = seen.ending
            if ending is None or ending.error is not None or store.has_ended(job):
                continue
            if isinstance(ending.value, ResultRef) and not ending.value.near:
                continue
            # It may have been begun before, when the file could not be written.
            if self._limit and job not in self._begun:
                self._begun[job] = self._picklery.pickle(job, ending.value, self._limit)
        return {job: self._now(job, seen, now + TOGETHER) for job, seen in jobs.items()}

    def written(self, jobs: list[Job], results: dict[Job, Result], store: Store) -> None:
        """These have been written; what was not there of their results is, later."""
        for job in jobs:
            begun = self._begun.pop(job, None)
            if begun is not None and results[job].note == _PENDING:
                self._late.append((store.id_of(job), begun))

    def write_late(self, store: Store) -> None:
        """Write the results that have come since; those that take too long are given up."""
        now = time.monotonic()
        for _, pickled in self._late:
            if pickled.takes_too_long(now):
                self._picklery.give_up(pickled)
        over = [late for late in self._late if late[1].over]
        if over:
            store.write_results([(id_, Result(p.note, p.data)) for id_, p in over])
            self._late = [late for late in self._late if late not in over]

    def forget_late(self) -> None:
        """The file that these were for is not there any more."""
        self._late = []

    @property
    def late(self) -> bool:
        """Whether there are some that will be written later."""
        return bool(self._late)

    def next_look(self) -> float | None:
        """In how many seconds to look again for late ones; None if there are none."""
        return LOOK_AGAIN if self._late else None

    def close(self) -> None:
        """Pickle nothing more."""
        self._picklery.close()

    def _now(self, job: Job, seen: Seen, until: float) -> Result:
        pickled = self._begun.get(job)
        if pickled is None:
            elsewhere = seen.ending is not None and isinstance(seen.ending.value, ResultRef)
            return Result(_ELSEWHERE if self._limit and elsewhere else _UNWANTED, None)
        if pickled.done.wait(max(0.0, until - time.monotonic())):
            return Result(pickled.note, pickled.data)
        # If this is what one reads in the end, it is true.
        return Result(_PENDING, None)
