"""When a job starts: after the jobs it waits for, in its queue's order, within the limit.

Nothing waits in a thread here. A job that may not start yet stands in a table or in a line, and
whatever ends, or changes a limit, starts those whose turn it is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial

from .graph import Link, link_jobs
from .job import Job
from .lanes import Lane
from .turns import Turns

Act = Callable[[], object]


class Dispatcher:
    """Starts jobs as soon as they may start.

    Args:
        start: Starts a job in a thread; may raise RuntimeError.
    """

    def __init__(self, start: Callable[[Job], None]) -> None:
        self._start = start
        # Guards everything below, and all lanes and links. Never held while jobs are called.
        self.lock = threading.Lock()
        self.limit: int | None = None
        self.active = 0  # How many jobs hold a thread, or are about to.
        self.lanes: dict[str, Lane] = {}
        self.places: dict[Job, Lane] = {}  # Of all that stand in line or hold a place.
        self.links: dict[Job, Link] = {}
        self.resting: set[Job] = set()  # They hold a place, but no thread for the time being.
        self.returning: dict[Job, None] = {}  # They have rested, and wait for the limit.
        self._open = Lane(None, None)
        self._lined: dict[Lane, None] = {}  # The lanes in which somebody waits.
        self._children: dict[Job, list[Link]] = {}
        self._turns = Turns()

    # What happens to jobs.

    def add(self, job: Job, lane: Lane | None = None) -> None:
        """Start `job` now, or when there is a place for it."""
        with self.lock:
            if not self._admit(job, lane or self._open):
                return
        self._launch(job)

    def add_waiting(self, link: Link, lane: Lane | None = None) -> None:
        """Start the link's job when what it waits for has ended as it should."""
        with self.lock:
            self.places[link.job] = lane or self._open
            self.links[link.job] = link
            parents = link.parents
            link_jobs(link.job, parents)
            for parent in parents:
                # Its state is set before `ended` takes the lock: no end is missed, none counted
                # twice.
                if parent.state.finished:
                    link.parent_ended(parent)
                else:
                    self._children.setdefault(parent, []).append(link)
            acts = self._settle([link])
        self._turns.take(acts)

    def ended(self, job: Job) -> None:
        """`job` has ended, in whatever way: start what that makes room for."""
        with self.lock:
            self._leave(job)
            links = self._children.pop(job, None)
            if links is None and not self._lined and not self.returning:
                return
            for link in links or ():
                link.parent_ended(job)
            acts = [*self._settle(links or ()), *self._next()]
        self._turns.take(acts)

    def rest(self, job: Job, *, keep_place: bool) -> None:
        """`job` needs no thread until `wake`; its place in its lane is kept for it or not."""
        with self.lock:
            if job not in self.places:
                return
            if keep_place:
                self.resting.add(job)
                self.active -= 1
            else:
                self._leave(job)
            acts = self._next()
        self._turns.take(acts)

    def wake(self, job: Job, lane: Lane | None = None) -> None:
        """`job`, which rested, goes on."""
        with self.lock:
            if job not in self.resting:
                start = self._admit(job, lane or self._open)
            else:
                start = not self._at_limit
                self.resting.discard(job)
                if start:
                    self.active += 1
                else:
                    self.returning[job] = None
        if start:
            self._launch(job)

    # What is changed from outside.

    def lane(self, name: str) -> Lane:
        """The queue of that name; it is made when it is first asked for."""
        with self.lock:
            return self.lanes.setdefault(name, Lane(name, 1))

    def set_limit(self, limit: int | None) -> None:
        """Let so many jobs hold a thread at a time."""
        with self.lock:
            self.limit = limit
            acts = self._next()
        self._turns.take(acts)

    def set_width(self, lane: Lane, width: int) -> None:
        """Let so many jobs of a lane run at a time."""
        with self.lock:
            lane.width = width
            acts = self._next()
        self._turns.take(acts)

    # Inside; the lock must be held, except for the last two.

    @property
    def _at_limit(self) -> bool:
        return self.limit is not None and self.active >= self.limit

    def _admit(self, job: Job, lane: Lane) -> bool:
        """Give `job` a place; False if it has to stand in line, or needs none any more."""
        if job.state.finished:
            # Cancelled before it got here: `ended` has been called, or will find nothing.
            self.places.pop(job, None)
            return False
        if not job.needs_thread:
            self.places.pop(job, None)
            return True
        self.places[job] = lane
        if lane.full or lane.waiting or self._at_limit:
            lane.waiting[job] = None
            self._lined[lane] = None
            return False
        self._occupy(lane)
        return True

    def _occupy(self, lane: Lane) -> None:
        lane.active += 1
        self.active += 1

    def _leave(self, job: Job) -> None:
        lane = self.places.pop(job, None)
        if self.links.pop(job, None) is not None or lane is None:
            return
        if job in lane.waiting:
            del lane.waiting[job]
            if not lane.waiting:
                self._lined.pop(lane, None)
            return
        lane.active -= 1
        if job in self.resting:
            self.resting.discard(job)
        elif job in self.returning:
            del self.returning[job]
        else:
            self.active -= 1

    def _next(self) -> list[Act]:
        """Give free places to those in line, first come, first served."""
        chosen: list[Job] = []
        while self.returning and not self._at_limit:
            job = next(iter(self.returning))
            del self.returning[job]
            self.active += 1
            chosen.append(job)
        while self._lined and not self._at_limit:
            free = [lane for lane in self._lined if not lane.full]
            if not free:
                break
            lane = min(free, key=lambda each: each.head.num)
            job = lane.head
            del lane.waiting[job]
            if not lane.waiting:
                del self._lined[lane]
            self._occupy(lane)
            chosen.append(job)
        return [partial(self._launch, job) for job in chosen]

    def _settle(self, links: Iterable[Link]) -> list[Act]:
        """What is to be done about waiting jobs some of whose parents have ended."""
        acts: list[Act] = []
        for link in links:
            if link.job not in self.links:
                continue  # It was cancelled, or another parent has settled it.
            if link.reason or link.ready:
                del self.links[link.job]
                acts.append(partial(self._release, link, self.places.pop(link.job)))
        return acts

    def _release(self, link: Link, lane: Lane) -> None:
        if link.reason:
            link.job.skip(link.reason, failed=link.failed)
        elif link.job.enqueue():
            self.add(link.job, lane)

    def _launch(self, job: Job) -> None:
        try:
            self._start(job)
        except RuntimeError as error:
            # "can't start new thread": the job is there, dead, and says so.
            job.fail_to_start(error)
