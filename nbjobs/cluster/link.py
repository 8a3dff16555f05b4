"""What the links to clusters have in common: who is on the way, and what is said about workers."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..exceptions import JobError
from ..remote import parcel
from ..resultref import ResultRef
from . import terms
from .post import Post

if TYPE_CHECKING:
    from .flight import Flight
    from .keeper import Keeper
    from .lane import Portion


class Link(ABC):
    """The connection to one cluster. None of what a flight calls blocks.

    Args:
        post: Whose thread tells the flights what has come.
        made: Whether the client was made for this link, and is to be closed with it.
    """

    kind = "cluster"

    def __init__(self, post: Post, *, made: bool) -> None:
        self._post = post
        self._made = made
        #: Keeps the cluster, if that was started for this link.
        self.keeper: Keeper | None = None
        # Guards the two that follow.
        self._lock = threading.Lock()
        self._flights: dict[str, Flight] = {}
        self._known: set[str] = set()

    # What a flight asks for.

    @abstractmethod
    def send(self, flight: Flight, function: str, *args: Any) -> None:
        """Have a function of the worker's side called: its `arrived` and `landed`, or `failed`.

        Raises:
            JobError: There is nobody to send it to.
        """

    def run(self, flight: Flight, packed: parcel.Parcel, given: list[Any]) -> None:
        """Send a packed job; `given` is what the cluster has of its arguments already.

        Raises:
            JobError: There is nobody to send it to.
        """
        self.send(flight, "run", packed.data, *packed.buffers)

    def has(self, result: ResultRef) -> Any:
        """What this cluster knows a result by; None if it does not have it."""
        return None

    @abstractmethod
    def withdraw(self, flight: Flight) -> None:
        """Its job has been cancelled: see to it that it is not begun."""

    @abstractmethod
    def end(self, flight: Flight, *, force: bool) -> None:
        """Kill what runs; `flight.hangs` is then told where it hangs, if it does."""

    def warn_once(self, about: dict[str, Any]) -> str:
        """What is to be said about a worker that has begun its first job; mostly nothing."""
        with self._lock:
            if about["place"] in self._known:
                return ""
            self._known.add(about["place"])
        return differences(about)

    # What its engine asks for.

    @property
    def alive(self) -> bool:
        """Whether it can still be used."""
        return self.connected and (self.keeper is None or self.keeper.alive)

    @property
    @abstractmethod
    def connected(self) -> bool:
        """Whether the client is."""

    def keep(self, keeper: Keeper) -> None:
        """The cluster was started for this link, and is to end with it."""
        self.keeper = keeper
        keeper.tell(self.lost)

    def lost(self) -> None:
        """The cluster that was started for it has gone."""
        with self._lock:
            flights = list(self._flights.values())
        gone = JobError(
            f"the {self.kind} cluster has ended, and this job with it. The next job starts another"
        )
        for flight in flights:
            self._post.put(self._over, flight, flight.failed, gone)

    def close(self, timeout: float) -> None:
        """End what was made for it, and nothing else."""
        try:
            self._leave(timeout)
        finally:
            if self.keeper is not None:
                self.keeper.close(timeout)

    @abstractmethod
    def _leave(self, timeout: float) -> None:
        """Let go of the client, and close it if it was made for this link."""

    # For those that derive from it.

    def _departed(self, flight: Flight) -> None:
        with self._lock:
            self._flights[flight.token] = flight

    def _over(self, flight: Flight, tell: Callable[[Any], None], what: Any) -> None:
        """What has become of it: to be called in the post's thread."""
        with self._lock:
            self._flights.pop(flight.token, None)
        tell(what)


class GraphLink(Link):
    """The connection to a cluster that a map can be given to as a whole."""

    @abstractmethod
    def threads(self) -> int:
        """How many tasks the cluster runs at a time."""

    @abstractmethod
    def spread(self, packed: parcel.Parcel) -> Any:
        """Put a map's function on the cluster, for `send_all`."""

    @abstractmethod
    def send_all(self, portions: list[Portion], function: Any) -> None:
        """Send portions of a map in one graph, in their order."""

    @abstractmethod
    def withdraw_all(self, portions: list[Portion]) -> None:
        """Cancel the tasks of portions that have not begun."""


def differences(about: dict[str, Any]) -> str:
    """In which versions a worker differs from the kernel; empty if in none."""
    here = terms.about()
    several = [
        f"{name} {about[name]} there and {here[name]} here"
        for name in ("python", "nbjobs", "cloudpickle")
        if about.get(name) != here[name]
    ]
    if not several:
        return ""
    return f"the worker ({about.get('place')}) has other versions: {', '.join(several)}"
