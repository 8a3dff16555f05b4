"""The workers of a map that a cluster is given as a whole, and what they work on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..remote import parcel
from . import terms
from .flight import Flight

if TYPE_CHECKING:
    from ..sources import Pair
    from .mapgraph import MapGraph


class Lane:
    """The run of one of the map's workers.

    Attributes:
        portion: What it works on; None between two.
        killed: Whether it is to end.
        over: Whether it has.
    """

    ident = None
    native_id = None

    def __init__(self, graph: MapGraph, job: Any) -> None:
        self.job = job
        self.portion: Portion | None = None
        self.killed = False
        self.over = False
        self._graph = graph

    @property
    def free(self) -> bool:
        """Whether it can take a portion."""
        return self.portion is None and not self.killed and not self.over

    def kill(self, *, force: bool) -> None:
        """End its portion, and have it take no other."""
        self.killed = True
        self._graph.post.put(self._graph.end, self, force)

    def blocked_in(self) -> str | None:
        """Where its portion hangs."""
        portion = self.portion
        return None if portion is None else portion.blocked_in()

    def finish(self) -> None:
        """Its job is over."""
        if not self.over:
            self.over = True
            self.job.finish(None, None, killed=self.killed)


class Portion(Flight):
    """Some of the items, as one task.

    Attributes:
        pairs: The items with their indexes.
        rows: They, packed.
        lane: Who works on it; None before it has begun.
    """

    lazy = False

    def __init__(self, graph: MapGraph, pairs: list[Pair], rows: parcel.Parcel) -> None:
        super().__init__(graph.lanes[0].job, graph.link)
        self.pairs = pairs
        self.rows = rows
        self.lane: Lane | None = None
        self._graph = graph

    def landed(self, packed: terms.Packed | None) -> None:
        """Its items have been called."""
        assert packed is not None
        self._graph.landed(self, packed)

    def failed(self, error: BaseException) -> None:
        """It was lost, or cancelled."""
        self._graph.failed(self, error)

    def taken(self, place: Any) -> None:
        """A worker has begun it, perhaps again."""
        before, self.place = self.place, place
        self._begun = True
        if before is None:
            self._graph.begun(self)
        if self.killed:
            self._link.end(self, force=self.forced)
