"""One worker's share of a map, sent to a cluster in portions, in a thread of the kernel's."""

from __future__ import annotations

import queue
from typing import Any

from ..exceptions import JobError, NotPicklable
from ..remote import packing, parcel, replies
from ..threads import ServiceThread
from . import terms
from .flight import Flight
from .link import Link


class Share(Flight):
    """The run of a map's worker."""

    lazy = False

    def __init__(self, job: Any, link: Link, cargo: packing.Cargo) -> None:
        super().__init__(job, link)
        self._work = job.work
        self._index: int = job.index
        self._cargo = cargo
        self._answers: queue.SimpleQueue[terms.Packed | BaseException | None] = queue.SimpleQueue()

    def start(self) -> None:
        """Begin, in a thread of its own."""
        ServiceThread(self._run, "nbjobs-share").start()

    def doom(self, *, force: bool) -> None:
        """The same, also while it waits for an item."""
        super().doom(force=force)
        self._work.dismiss(self._index)

    def landed(self, packed: terms.Packed | None) -> None:
        """A portion has been done."""
        self._answers.put(packed)

    def failed(self, error: BaseException) -> None:
        """A portion could not be done."""
        self._answers.put(error)

    def taken(self, place: Any) -> None:
        """A worker has begun a portion."""
        self.place = place
        if self.killed:
            self._link.end(self, force=self.forced)

    def _run(self) -> None:
        if not self._start():
            return
        try:
            self._portions()
        except Exception as error:
            self.job.finish(None, None if self.killed else error, killed=self.killed)
        else:
            self.job.finish(None, None, killed=self.killed)

    def _portions(self) -> None:
        work = self._work
        try:
            packed = self._cargo.pack(self.job.num)
        except NotPicklable as error:
            work.broken = error
            raise
        function = (packed.data, *packed.buffers)
        for portion in work.portions(self._index):
            if self.killed:
                return
            for pairs, rows in packing.portions(portion):
                if isinstance(rows, NotPicklable):
                    self._work.settled(self._index, pairs[0], None, rows)
                else:
                    self._portion(function, pairs, rows)

    def _portion(self, function: terms.Packed, portion: list[Any], rows: parcel.Parcel) -> None:
        answer = self._ask((), rows)
        if answer is None:
            # No worker knows it, or this one does not.
            answer = self._ask(function, rows)
        if isinstance(answer, JobError):
            # A worker has died of it, perhaps: these items are lost, and others go on.
            self._work.abandon(self._index, JobError(f"the item is lost: {answer}"))
            return
        assert isinstance(answer, tuple)
        first, data, *buffers = answer
        if first == "broken":
            self._work.broken = parcel.load(data, buffers)
            raise self._work.broken
        if first is True:
            # Also when something else than our kill has ended it there.
            self.killed = True
            return
        self._work.all_settled(self._index, portion, *replies.items(data, buffers))

    def _ask(
        self, function: terms.Packed, rows: parcel.Parcel
    ) -> terms.Packed | BaseException | None:
        try:
            self._link.send(self, "portion", self.token, function, rows.data, *rows.buffers)
        except JobError as error:
            return error
        return self._answers.get()
