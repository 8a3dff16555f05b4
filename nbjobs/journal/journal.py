"""A manager's journal: what subscribes to its events."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..jobevents import EventKind, JobEvent
from .options import Keeping, Self
from .seen import Seen
from .writer import Writer

if TYPE_CHECKING:
    from ..job import Job


class Journal:
    """Keeps the jobs of one manager, from construction to `close`.

    Nothing is opened here: that is done by a thread, when there is something to write, or to be
    read of earlier sessions.

    Args:
        keeping: Where, and how much.
        tell: Called with a line for the user, in a thread of the journal's own.
        open_door: Called in that thread before the session is entered; returns the place of a
            socket through which others reach the session, or nothing. Gets the session's token.
    """

    def __init__(
        self,
        keeping: Keeping,
        tell: Callable[[str], None],
        open_door: Callable[[str], str] | None = None,
    ) -> None:
        self.keeping = keeping
        me = Self()

        def open_once() -> None:
            nonlocal open_door
            if open_door is not None:
                open_, open_door = open_door, None
                me.socket = open_(me.token)

        self._writer = Writer(keeping, me, tell, open_once)
        self._touched = self._writer.touched

    @property
    def session(self) -> int | None:
        """The number of this session in the file; None before its first job."""
        return self._writer.session

    def look_back(self) -> None:
        """See whether the kernel of an earlier session has died, and tell the user if so."""
        if self.keeping.path.exists():
            self._writer.wake()

    def on_event(self, event: JobEvent) -> None:
        """Something has happened to a job. Costs about a microsecond, and never waits."""
        kind = event.kind
        if kind is EventKind.REMOVED:
            return
        job = event.job
        if kind is not EventKind.STATE:
            # Two threads may both come through: it is then told of twice, which does no harm.
            if job in self._touched:
                return
            self._touched.add(job)
        recorder = job.recorder if job.has_output else None
        self._writer.tell(job, Seen(event.state, event.ending, recorder))

    def keep(self, jobs: list[Job]) -> None:
        """Enter jobs that are there already."""
        for job in jobs:
            self.on_event(JobEvent(EventKind.STATE, job, job.state, job.ending))

    def flush(self, timeout: float = 1.0) -> bool:
        """Wait until all jobs are written as they are now; False if they are not in that time."""
        return self._writer.flush(timeout)

    def close(self, timeout: float = 1.5) -> None:
        """Write the rest, and end the session; in at most `timeout` seconds."""
        self._writer.close(timeout)
