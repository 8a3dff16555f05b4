"""The kernel's side of a job on a cluster, from its being sent to its reply."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from ..remote import replies
from ..resultref import ResultRef
from . import terms

if TYPE_CHECKING:
    from ..job import Job
    from .link import Link


class Flight:
    """One job, or one portion of a map after another. Called by the post's thread, but for `kill`.

    Attributes:
        token: What the cluster knows it by.
        sent: What the cluster's client has given for it; the newest.
        place: The worker that has it, as the client calls it; None before it has begun.
        killed: Whether it is to end.
        forced: Whether that is to be at any price.
        ended: What its worker has said of the result that it keeps; None if nothing.
    """

    ident = None
    native_id = None

    #: Whether a result may stay where it is until it is read.
    lazy = True

    def __init__(self, job: Job, link: Link) -> None:
        self.job = job
        self.token = f"{job.num}-{uuid.uuid4().hex}"
        self.sent: Any = None
        self.place: Any = None
        self.killed = False
        self.forced = False
        self.ended: terms.Ended | None = None
        self._link = link
        self._begun = False
        self._over = False
        self._hangs: str | None = None

    def withdrawn(self) -> None:
        """The job has ended: if it was cancelled, nothing is to be begun any more."""
        if not self._begun:
            self._link.withdraw(self)

    # As the run of its job.

    def kill(self, *, force: bool) -> None:
        """Have the worker end it."""
        self.doom(force=force)
        self._link.end(self, force=force)

    def doom(self, *, force: bool) -> None:
        """Have it ended as soon as it is known where it is, if not before."""
        self.killed = True
        self.forced = self.forced or force

    def blocked_in(self) -> str | None:
        """Where the worker has last said that it hangs."""
        where, place = self._hangs, self.place
        if where is None:
            return f"on {place}, which has not answered the kill" if self.killed else None
        return f"{where}, on {place}"

    def hangs(self, where: str | None) -> None:
        """The worker has answered a kill: it runs on, in `where`."""
        self._hangs = where

    # As its link sees it.

    def taken(self, place: Any) -> None:
        """A worker has begun it, perhaps again; the news may come after the reply."""
        before, self.place = self.place, place
        if not self._begun:
            if not self._start():
                # Cancelled in the very moment in which the worker took it.
                self._link.end(self, force=self.forced)
            return
        if self._over:
            return
        if before != place:
            self._say(f"{self._link.kind}: {before} was lost; begun again on {place}")
        if self.killed:
            self._link.end(self, force=self.forced)

    def arrived(self, place: Any, messages: list[tuple[Any, ...]]) -> None:
        """The worker has said something."""
        if messages[0][0] == "begun":
            self.ended = None
            self.taken(place)
            self._say(self._link.warn_once(messages[0][1]))
            messages = messages[1:]
        elif messages[0][0] == "ended":
            self.ended = messages[0][1]
            return
        if self._begun and not self._over:
            replies.record(self.job, messages)

    @property
    def stays(self) -> bool:
        """Whether the result may stay where it is: it is known, and nobody needs it at once."""
        task = self.job.task
        return self.ended is not None and (task is None or task.commit is None)

    def stayed(self, result: ResultRef) -> None:
        """It has succeeded, and the result has stayed there."""
        self._start()
        if not self._over:
            self._over = True
            self.sent = None
            self.job.finish(result, None, killed=False)

    def landed(self, packed: terms.Packed | None) -> None:
        """The worker's function has returned that."""
        self._start()
        if self._over or packed is None:
            return
        self._over = True
        self.sent = None
        first, data, *buffers = packed
        if first is True:
            self.job.finish(None, None, killed=True)
        else:
            replies.settle(self.job, data, buffers)

    def failed(self, error: BaseException) -> None:
        """It could not be run, or its worker was lost."""
        self._start()
        if not self._over:
            self._over = True
            self.job.finish(None, None if self.killed else error, killed=self.killed)

    # Inside.

    def _start(self) -> bool:
        """Have the job begin, if it has not; False if it must not."""
        if not self._begun and not self._over:
            self._begun = self.job.begin(self) is not None
            self._over = self._over or (not self._begun and self.job.state.finished)
        return self._begun

    def _say(self, text: str) -> None:
        if text:
            self.job.recorder.write("stderr", f"nbjobs: {text}\n")
