"""A map that a cluster is given as a whole: all portions of its items in one graph.

The cluster's scheduler hands portions out; nothing is asked of the kernel between two of them. The
map's workers are jobs as on any engine: a portion that begins is taken by one that has none, so
each stands for one thread of the cluster.

But for `Lane.kill`, all is called by the post's thread, so there are no locks.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..exceptions import JobError
from ..remote import packing, parcel, replies
from ..states import JobState
from . import terms
from .lane import Lane, Portion
from .link import GraphLink

if TYPE_CHECKING:
    from ..mapping import Work
    from ..sources import Pair
    from .post import Post

PORTIONS = 256
"""Into how many portions the items are cut at most; up to so many, each goes by itself."""

BATCH = 8 * 2**20
"""How many bytes of items are on their way at most; what is larger goes in several graphs."""


class MapGraph:
    """All that is left of one map."""

    def __init__(self, work: Work, link: GraphLink, post: Post, cargo: packing.Cargo) -> None:
        self.work = work
        self.link = link
        self.post = post
        self.lanes: list[Lane] = []
        self._cargo: packing.Cargo | None = cargo
        self._under_way: set[Portion] = set()
        self._weight = 0
        self._pairs: Iterator[Pair] | None = None
        self._size = 1
        self._function: Any = None
        self._withdrawn = False
        self._forced = False
        self._over = False

    def join(self, job: Any) -> None:
        """One of the map's workers begins."""
        lane = Lane(self, job)
        if job.begin(lane) is None:
            return
        self.lanes.append(lane)
        if self._over:
            lane.finish()
        elif self._pairs is None:
            self._open()
        else:
            self._occupy()

    def begun(self, portion: Portion) -> None:
        """A worker of the cluster has taken a portion."""
        lane = next((each for each in self.lanes if each.free), None)
        if lane is not None:
            lane.portion, portion.lane = portion, lane
            portion.job = lane.job
            self.work.take(lane.job.index, portion.pairs)
        elif self._stopped:
            portion.doom(force=self._forced)

    def landed(self, portion: Portion, packed: terms.Packed) -> None:
        """A portion has been done, or was ended."""
        if self._over:
            portion.sent = None
            return
        first, data, *buffers = packed
        if first == "broken":
            self._break(parcel.load(data, buffers))
            return
        if first is True:
            # Also when something else than our kill has ended it there.
            self._killed(portion)
        else:
            ends = replies.items(data, buffers)
            self.work.all_settled(self._index(portion), portion.pairs, *ends)
        self._gone(portion)

    def failed(self, portion: Portion, error: BaseException) -> None:
        """A portion is lost, or was cancelled."""
        if self._over:
            portion.sent = None
            return
        if portion.killed:
            self._killed(portion)
        elif not self._stopped:
            # A worker has died of it, perhaps: these items are lost, and others go on.
            lost = JobError(f"the item is lost: {error}")
            self.work.lose(self._index(portion), portion.pairs, lost)
        self._gone(portion)

    def end(self, lane: Lane, force: bool) -> None:
        """A worker of the map is to end; with the last of them, all does."""
        self._forced = self._forced or force
        if self._stopped and not self._withdrawn:
            # First: else a worker would begin with the next as soon as it has ended this.
            self._withdrawn = True
            self.link.withdraw_all([each for each in self._under_way if each.place is None])
            for other in self._under_way:
                if other.place is not None and other.lane is None:
                    other.doom(force=force)
                    self.link.end(other, force=force)
        portion = lane.portion
        if portion is not None:
            portion.doom(force=force)
            self.link.end(portion, force=force)
        else:
            lane.finish()

    # Inside.

    @property
    def _stopped(self) -> bool:
        """Whether nobody is left to go on; a worker that has not joined yet will."""
        group = self.lanes[0].job.group
        return (
            self._over
            or group.state is not JobState.RUNNING
            or all(part.state.finished or part.state is JobState.KILLING for part in group.parts)
        )

    def _index(self, portion: Portion) -> int:
        index: int = (portion.lane or self.lanes[0]).job.index
        return index

    def _open(self) -> None:
        total, self._pairs = self.work.source.total, self.work.source.stream(0)
        assert total is not None
        assert self._cargo is not None
        self._size = -(-total // PORTIONS)
        try:
            packed = self._cargo.pack(self.lanes[0].job.num)
        except JobError as error:
            self._break(error)
        else:
            self._function = self.link.spread(packed)
            self._go_on()

    def _go_on(self) -> None:
        """Send what there is room for."""
        assert self._pairs is not None
        batch: list[Portion] = []
        while not self._over and not self._stopped and self._weight < BATCH:
            pairs = list(itertools.islice(self._pairs, self._size))
            if not pairs:
                break
            for several, rows in packing.portions(pairs):
                if isinstance(rows, JobError):
                    self.work.settled(self.lanes[0].job.index, several[0], None, rows)
                    continue
                portion = Portion(self, several, rows)
                self._weight += rows.size
                batch.append(portion)
        self._under_way.update(batch)
        if batch:
            self._send(batch)
        if not self._under_way and not self._over:
            self._close()

    def _send(self, batch: list[Portion]) -> None:
        try:
            self.link.send_all(batch, self._function)
        except Exception as error:
            told = JobError(f"the items could not be sent to {self.link.kind}: {error}")
            told.__cause__ = error
            self._break(told)

    def _occupy(self) -> None:
        """A worker has nothing in hand: let it have what nobody has taken."""
        for portion in self._under_way:
            if portion.lane is None and portion.place is not None:
                self.begun(portion)
                return

    def _gone(self, portion: Portion) -> None:
        self._under_way.discard(portion)
        # Dask keeps the results for as long as its future is held.
        portion.sent = None
        self._weight -= portion.rows.size
        lane = portion.lane
        if lane is not None:
            self.work.let_go(lane.job.index)
            lane.portion = None
            if lane.killed:
                lane.finish()
            else:
                self._occupy()
        # Not at each landing: a graph for every portion would be the long way round.
        if self._weight < BATCH // 2:
            self._go_on()

    def _killed(self, portion: Portion) -> None:
        lane = portion.lane
        if lane is not None:
            lane.killed = True
            # Before its items are let go: they are what the end of its job is about.
            lane.finish()

    def _break(self, error: Exception) -> None:
        """No item at all can be run."""
        self.work.broken = error
        self.link.withdraw_all(list(self._under_way))
        self._close()

    def _close(self) -> None:
        """Let go of the items and the function, and end the map's workers."""
        self._over = True
        self._pairs = iter(())
        self._under_way.clear()
        self._function = self._cargo = None
        for lane in self.lanes:
            lane.finish()


def possible(job: Any, link: GraphLink) -> bool:
    """Whether a map goes as a whole to a cluster, given one of its workers.

    It does where all items are there, and where the cluster cannot run more of them at once than
    the map has workers. Items that are tried again, or stand in a queue, go one after another.
    """
    work, several = job.work, len(job.group.parts)
    if not work.all_there or job.options.queue is not None:
        return False
    total: int = work.source.total
    return total <= several or 0 < link.threads() <= several
