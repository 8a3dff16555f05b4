"""Named queues, as the user sees them."""

from __future__ import annotations

import operator
from collections.abc import Iterator

from .dispatch import Dispatcher
from .exceptions import JobError
from .job import Job
from .lanes import Lane
from .optionchecks import check_count
from .text import plural


class JobQueue:
    """A queue: so many of its jobs run at a time, in order; made by `JobManager.queue`.

    It has a length, and going through it gives the jobs in line, the next one first.
    """

    def __init__(self, dispatcher: Dispatcher, lane: Lane) -> None:
        self._dispatcher = dispatcher
        self._lane = lane

    @property
    def name(self) -> str:
        """What `--queue` calls it by."""
        return self._lane.name or ""

    @property
    def width(self) -> int:
        """How many of its jobs may run at a time. Can be set; what runs goes on."""
        assert self._lane.width is not None
        return self._lane.width

    @width.setter
    def width(self, width: int) -> None:
        check_count(width, "the width of a queue", 1)
        self._dispatcher.set_width(self._lane, width)

    @property
    def waiting(self) -> list[Job]:
        """The jobs in line, the next one first."""
        with self._dispatcher.lock:
            return list(self._lane.waiting)

    @property
    def active(self) -> list[Job]:
        """The jobs that have begun, or are about to."""
        dispatcher = self._dispatcher
        with dispatcher.lock:
            return [
                job
                for job, lane in dispatcher.places.items()
                if lane is self._lane and job not in lane.waiting and job not in dispatcher.links
            ]

    def move(self, job: Job, position: int = 0) -> None:
        """Put a job that waits here somewhere else in the line.

        Args:
            job: One of `waiting`.
            position: Where to, counted from 0, the next one; from the end if it is negative.

        Raises:
            JobError: The job does not wait in this queue (any more).
        """
        place = operator.index(position)
        with self._dispatcher.lock:
            length = len(self._lane.waiting)
            if job in self._lane.waiting:
                # As in a list's indexes, -1 is the last place, not the one before it.
                self._lane.move(job, place + length if place < 0 else place)
                return
        raise JobError(
            f"job {job.num} does not wait in queue {self.name!r} and cannot be moved: it is "
            f"{job.state}"
        )

    def cancel(self) -> list[Job]:
        """Cancel all jobs in line; what runs goes on. Returns those cancelled."""
        return [job for job in reversed(self.waiting) if job.cancel()]

    def __len__(self) -> int:
        return len(self._lane.waiting)

    def __iter__(self) -> Iterator[Job]:
        return iter(self.waiting)

    def __repr__(self) -> str:
        return (
            f"<JobQueue {self.name!r}: {plural(len(self.active), 'job')} at work of "
            f"{self.width} at most, {len(self):,} waiting>"
        )
