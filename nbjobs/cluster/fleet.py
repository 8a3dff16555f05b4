"""What the engines for clusters have in common: connect when first needed, send, close."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ..engines import EngineSettings
from ..exceptions import JobError
from ..remote import packing
from ..threads import ServiceThread
from . import mapgraph
from .flight import Flight
from .keeper import Keeper
from .link import GraphLink, Link
from .post import Post
from .share import Share

if TYPE_CHECKING:
    from ..job import Job

AGAIN = 1.0
"""How long, in seconds, a cluster that could not be reached is not tried again."""


L = TypeVar("L", bound=Link)


class Fleet:
    """An engine whose jobs run on a cluster.

    Args:
        settings: What can be set about engines.
        on: What the user named or gave.
    """

    name = "cluster"

    def __init__(self, settings: EngineSettings, on: Any) -> None:
        self._settings = settings
        self._on = on
        self._post = Post(f"nbjobs-{self.name}")
        # Guards what follows. Held while a connection is made.
        self._lock = threading.Lock()
        self._link: Link | None = None
        self._failure: JobError | None = None
        self._failed = 0.0
        self._closed = False

    def start(self, job: Job) -> None:
        """Send `job`; at first, connect to the cluster, in another thread."""
        try:
            # Now, not when the cluster has been reached: in a loop that starts many, names change.
            cargo = packing.cargo(job)
        except JobError as error:
            job.fail_to_start(error)
            return
        self._post.put(self._launch, job, cargo)

    def attend(self, job: Job) -> None:
        """Nothing is to be done: it runs elsewhere."""

    def close(self, timeout: float) -> None:
        """Let go of the cluster, and end it if it was started here."""
        end = time.monotonic() + timeout
        with self._lock:
            self._closed = True
            link, self._link = self._link, None
        self._post.close(timeout)
        if link is not None:
            link.close(max(1.0, end - time.monotonic()))

    def _launch(self, job: Job, cargo: packing.Cargo) -> None:
        if job.state.finished:
            return
        try:
            link = self.link()
            if getattr(job, "work", None) is not None:
                self._launch_worker(job, link, cargo)
                return
            cargo, given = cargo.entrusted(link.has)
            if cargo.elsewhere:
                # This thread is not to stand still until they have come.
                ServiceThread(lambda: self._bring(job, cargo), "nbjobs-bring").start()
                return
            packed = cargo.pack(job.num)
            if warning := cargo.warning(packed.size):
                job.recorder.write("stderr", warning)
            flight = Flight(job, link)
            job.future.add_done_callback(lambda _: flight.withdrawn())
            link.run(flight, packed, given)
        except JobError as error:
            job.fail_to_start(error)
        except Exception as error:
            told = JobError(f"the job could not be sent to {self.name}: {error}")
            told.__cause__ = error
            job.fail_to_start(told)

    def _launch_worker(self, job: Any, link: Link, cargo: packing.Cargo) -> None:
        work = job.work
        if work.graph is None:
            work.graph = False
            if isinstance(link, GraphLink) and mapgraph.possible(job, link):
                work.graph = mapgraph.MapGraph(work, link, self._post, cargo)
        if work.graph:
            work.graph.join(job)
        else:
            Share(job, link, cargo).start()

    def _bring(self, job: Job, cargo: packing.Cargo) -> None:
        try:
            here = cargo.brought()
        except JobError as error:
            job.fail_to_start(error)
        else:
            self._post.put(self._launch, job, here)

    def link(self) -> Link:
        """The connection, made if there is none, or none any more.

        Raises:
            JobError: The cluster cannot be reached.
        """
        with self._lock:
            if self._closed:
                raise JobError("this job manager is closed and starts no more jobs")
            if self._link is not None and self._link.alive:
                return self._link
            if self._failure is not None and time.monotonic() < self._failed + AGAIN:
                # Those that waited for the same try: else each would wait for one of its own.
                raise self._failure
            if self._link is not None:
                self._link.close(1.0)
                self._link = None
            try:
                self._link = self.connect(self._post)
            except JobError as error:
                self._failure, self._failed = error, time.monotonic()
                raise
            return self._link

    def connect(self, post: Post) -> Link:
        """Reach the cluster, or start one.

        Raises:
            JobError: That was not possible; says what to do.
        """
        raise NotImplementedError

    def started(self, reach: Callable[[str, int], L]) -> L:
        """Start a cluster on this machine, which ends with the link to it.

        Args:
            reach: Makes the link, given the cluster's address and how many workers it has.

        Raises:
            JobError: That was not possible.
        """
        count = self._settings.processes or os.cpu_count() or 1
        keeper = Keeper(self.name, count)
        try:
            link = reach(keeper.address, count)
        except BaseException:
            keeper.close(1.0)
            raise
        link.keep(keeper)
        return link
