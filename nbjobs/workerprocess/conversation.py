"""A job and a worker process, from the first word to the last, in a thread of the kernel's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ..capture import finishing
from ..exceptions import JobError, NotPicklable
from ..remote import packing, parcel, replies
from . import channel
from .child import Child, WorkerDied

if TYPE_CHECKING:
    from ..job import Job
    from ..mapping import Work
    from ..timers import Scheduler


CLEANUP = 1.0
"""How long, in seconds, the `finally` blocks of a killed job may take."""


class ProcessRun:
    """A job in a worker process.

    Args:
        child: The process.
        timers: Call later.
        dismiss: Called when the job is to end, for one that waits here for its next item.

    Attributes:
        child: The process; None between two.
        killed: Whether the job is to end.
    """

    __slots__ = ("_dismiss", "_timers", "child", "killed")

    ident = None

    def __init__(
        self, child: Child | None, timers: Scheduler, dismiss: Callable[[], object]
    ) -> None:
        self.child = child
        self._dismiss = dismiss
        self.killed = False
        self._timers = timers

    @property
    def native_id(self) -> int | None:
        """The number of the process."""
        child = self.child
        return None if child is None else child.pid

    def kill(self, *, force: bool) -> None:
        """Have the code end, and in a moment, or with `force` at once, the process."""
        again, self.killed = self.killed, True
        self._dismiss()
        child = self.child
        if child is None:
            return
        if force or again:
            child.end()
        else:
            child.ask_to_end()
            self._timers.call_later(CLEANUP, child.end)

    def blocked_in(self) -> str | None:
        """Nowhere: a process ends at once."""
        return None


def hold(job: Job, cargo: packing.Cargo, child: Child | None) -> Child | None:
    """Run `job` to its end in `child`, or in a new process; returns what the next job may use."""
    try:
        child = child or Child(shell=finishing.presented())
    except (OSError, WorkerDied) as error:
        job.fail_to_start(JobError(f"no worker process can be started: {error}"))
        return None
    work: Work | None = getattr(job, "work", None)
    dismiss = _nothing if work is None else partial(work.dismiss, getattr(job, "index", 0))
    run = ProcessRun(child, job.timers, dismiss)
    if job.begin(run) is None:
        return child
    try:
        if work is None:
            packed = cargo.pack(job.num)
            warning = cargo.warning(packed.size)
            if warning:
                job.recorder.write("stderr", warning)
            received = _ask(job, run, channel.JOB, packed)
            replies.settle(job, *received)
        else:
            _map(job, work, run, cargo)
            job.finish(None, None, killed=run.killed)
    except WorkerDied as death:
        lost = None if run.killed else JobError(f"job {job.num} is lost: {death}")
        job.finish(None, lost, killed=run.killed)
        _close(run)
    except Exception as error:
        job.finish(None, error, killed=run.killed)
    if run.killed:
        # It may have come too late for the job, but not for the process.
        _close(run)
    return run.child


def _map(job: Any, work: Work, run: ProcessRun, cargo: packing.Cargo) -> None:
    """Have one worker's share of a map run."""
    try:
        packed = cargo.pack(job.num)
    except NotPicklable as error:
        work.broken = error
        raise
    opened: Child | None = None
    for portion in work.portions(job.index):
        try:
            if run.child is None:
                run.child = Child(shell=finishing.presented())
            if run.killed:
                return
            if opened is not run.child:
                failed = parcel.load(*_ask(job, run, channel.MAP, packed))
                if failed is not None:
                    work.broken = failed
                    raise failed
                opened = run.child
            _portion(job, work, run, portion)
        except WorkerDied as death:
            if run.killed:
                raise
            work.abandon(job.index, JobError(f"the item is lost: {death}"))
            _close(run)


def _portion(job: Any, work: Work, run: ProcessRun, portion: list[Any]) -> None:
    for pairs, packed in packing.portions(portion):
        if isinstance(packed, NotPicklable):
            work.settled(job.index, pairs[0], None, packed)
            continue
        received = _ask(job, run, channel.ITEMS, packed)
        work.all_settled(job.index, pairs, *replies.items(*received))


def _ask(
    job: Any, run: ProcessRun, kind: bytes, packed: parcel.Parcel
) -> tuple[bytearray, list[bytearray]]:
    """Send something, and wait for the reply; record what comes before it."""
    child = run.child
    assert child is not None
    child.send(kind, packed)
    while isinstance(received := child.receive(job.recorder.write), list):
        replies.record(job, received)
    return received


def _close(run: ProcessRun) -> None:
    child, run.child = run.child, None
    if child is not None:
        child.close()


def _nothing() -> None:
    """It waits for nothing."""
