"""A function called for many items by several workers, seen as one job."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any, ClassVar

from .arrivals import Arrivals
from .endings import Ending
from .exceptions import JobError, JobKilled
from .hands import Hand
from .job import Job
from .jobevents import EventKind, Owner
from .mapping import Work
from .outcomes import ItemError, ItemOutcome, Kept
from .progress import Count, Progress
from .sources import Fixed, Flowing
from .states import JobState
from .task import Options, Task
from .text import one_line, plural
from .tracebacks import error_text
from .workers import Worker, Workers


class JobGroup(Job):
    """A map over many items; made by `JobManager.map`.

    Its result is the list of all items' results, in input order. A failing item does not keep the
    others from being run: `errors` and `results` say what became of each, `get` raises an
    `ExceptionGroup` when all is over, and `retry` runs what has failed or was killed once more.

    Iterating over it, with `for` or `async for`, gives the results as they come in.

    Attributes:
        work: The items and what has become of them.
    """

    needs_thread: ClassVar[bool] = False

    __slots__ = ("_alive", "_group_lock", "_how_many", "_ordered", "_wanted", "_workers", "work")

    def __init__(
        self,
        num: int,
        task: Task,
        options: Options,
        owner: Owner,
        *,
        work: Work,
        workers: int,
        ordered: bool,
        waiting: bool = False,
    ) -> None:
        super().__init__(num, task, options, owner, waiting=waiting)
        self.work = work
        work.report = self._report
        self._ordered = ordered
        self._wanted = workers
        total = work.source.total
        self._how_many = workers if total is None else min(workers, total)
        self._group_lock = threading.Lock()
        self._alive = self._how_many
        self._workers: list[Job] = []

    # What it has done so far.

    @property
    def parts(self) -> list[Job]:
        """The workers: jobs of their own, which can be killed one by one."""
        return list(self._workers)

    @property
    def results(self) -> list[Any]:
        """The items' results in input order, with an exception in the place of a failed one.

        Raises:
            JobNotFinished: It has not ended; iterate over it to get the results as they come.
            JobError: The results were handed out as they came, or have been removed.
        """
        self._ended()
        results = self._kept()
        values = list(results.values)
        for index in results.missing():
            values[index] = self._unrun()
        for index, failed in results.failed.items():
            values[index] = failed.exception
        return values

    @property
    def errors(self) -> list[ItemError]:
        """The items that have failed or were killed so far, as (index, item, exception)."""
        return [error for _, error in sorted(dict(self.work.results.failed).items())]

    @property
    def progress(self) -> Progress:
        """How many items are done, of how many; None where the iterable has not told."""
        done, total = self.work.done, self.work.source.total
        if total is None and self._state.finished:
            total = self.work.results.size
        return Progress.of(Count(done, total), lambda _: None)

    @property
    def serial_time(self) -> float:
        """Seconds of work in all items, one after the other."""
        return self.work.busy

    @property
    def speedup(self) -> float | None:
        """How many times as fast it is as one item after the other; None before the start."""
        elapsed = self.elapsed
        return self.serial_time / elapsed if elapsed else None

    def __iter__(self) -> Iterator[Any]:
        return Arrivals(self, ordered=self._ordered)

    def __aiter__(self) -> AsyncIterator[Any]:
        return Arrivals(self, ordered=self._ordered)

    def as_completed(self) -> Arrivals:
        """Every item's `ItemOutcome` as soon as it is done, failed ones too; for `async for`, too.

        An outcome has the item's `index`, its `value` or its `error`, and `get`.
        """
        return Arrivals(self, ordered=False, outcomes=True)

    def outcome(self, width: int = 60) -> str:
        """The error that ended it, or how many have failed and how much faster it is, in short."""
        ending = self._ending
        if not self._state.started or (ending is not None and ending.error is not None):
            return super().outcome(width)
        failed, speedup = len(self.work.results.failed), self.speedup
        parts = [f"{failed:,} failed"] if failed else []
        if self.work.retried:
            parts.append(f"{self.work.retried:,} retried")
        if speedup is not None and speedup > 1:
            parts.append(f"{speedup:.1f} times as fast as one by one")
        return one_line(", ".join(parts), width)

    # What can be done with it.

    def retry(self) -> JobGroup:
        """Run the items that failed, were killed or were never run, once more.

        Returns:
            A new group of the same items, which has the results of the others already.

        Raises:
            JobNotFinished: It has not ended.
            JobError: There is nothing to run again, or its items have been let go.
        """
        self._ended()
        return self._owner.map_again(self)

    # The manager's side.

    def successor(self) -> Callable[..., JobGroup]:
        """What makes the group that `retry` starts.

        Raises:
            JobError: There is nothing to run again, or its items have been let go.
        """
        source, results = self._remaining()
        old = self.work
        work = Work(old.function, source, results, old.options, spread=old.spread)
        return partial(JobGroup, work=work, workers=self._wanted, ordered=self._ordered)

    def release(self) -> Task | None:
        """The group has been removed: let go of all items and results at once."""
        self.work.source, self.work.results = Fixed(()), Kept()
        return super().release()

    def open(self) -> None:
        """Start the workers."""
        if self.begin(Workers(self)) is None:
            return
        if not self._how_many:
            self._close()
            return
        self.work.hands.extend(Hand() for _ in range(self._how_many))
        # All are there before the first begins, so that a kill finds every one of them.
        self._workers = [
            self._owner.employ(partial(Worker, group=self, index=index, owner=self._owner))
            for index in range(self._how_many)
        ]
        if self._state is not JobState.RUNNING:
            Workers(self).kill(force=False)
        for worker in self._workers:
            self._owner.admit(worker)

    def worker_ended(self, index: int, ending: Ending) -> None:
        """A worker has ended; the last one ends the group."""
        if ending.error is not None:
            error = ending.raisable
            self.work.abandon(index, error if isinstance(error, Exception) else self._unrun())
        with self._group_lock:
            self._alive -= 1
            last = not self._alive
        self.work.bell.ring()
        if last:
            self._close()

    def taken(self) -> None:
        """An iteration has taken an outcome."""
        source = self.work.source
        if isinstance(source, Flowing):
            source.taken()

    def never_run(self, index: int) -> ItemOutcome:
        """The outcome of an item that no worker has got to."""
        return ItemOutcome(index, error=ItemError(index, None, self._unrun()))

    # Inside.

    def _close(self) -> None:
        """All workers have ended: so does the group."""
        results, source = self.work.results, self.work.source
        errors: list[Exception] = [each.exception for each in self.errors]
        lost = len(results.missing())
        if lost:
            errors.append(JobKilled(f"{plural(lost, 'item')} had no worker left to run them"))
        broken = self.work.broken
        if broken is not None:
            self.finish(None, broken, killed=self._state is JobState.KILLING)
            self.work.bell.ring()
            return
        if source.error is not None:
            errors.insert(0, source.error)
        elif not source.over:
            errors.append(JobKilled("no worker was left to go through the rest of the items"))
        if self._state is JobState.KILLING and errors:
            self.finish(None, None, killed=True)
        elif errors:
            first = error_text(errors[0])
            text = f"{len(errors):,} of {results.size:,} items failed, the first with {first}"
            if source.error is not None:
                text = f"the iterable raised {first}, after {plural(results.size, 'item')}"
            self.finish(None, ExceptionGroup(text, errors), killed=False)
        else:
            if isinstance(source, Fixed):
                source.rows = ()  # Like the arguments of a job that has succeeded.
            kept = type(results) is Kept
            self.finish(results.values if kept else None, None, killed=False)
        self.work.bell.ring()

    def _remaining(self) -> tuple[Fixed | Flowing, Kept]:
        old, source = self._kept(), self.work.source
        if self._state is JobState.SUCCEEDED:
            raise JobError(f"job {self.num} has nothing to retry: all its items have succeeded")
        results = Kept()
        results.carry_over(old)
        if isinstance(source, Fixed):
            return Fixed(source.rows, sorted({*old.missing(), *old.failed})), results
        failed = iter([(error.index, error.item) for error in self.errors])
        return Flowing(chain(failed, source.pairs), results), results

    def _kept(self) -> Kept:
        results = self.work.results
        if type(results) is not Kept:
            raise JobError(
                f"the results of job {self.num} were handed out as they came and are not kept: "
                "leave out ahead= to keep them"
            )
        return results

    def _unrun(self) -> JobKilled:
        return JobKilled(f"job {self.num} ended before this item was run")

    def _report(self) -> None:
        self._publish(EventKind.PROGRESS, self._state)

    def _begin_attempt(self) -> bool:
        return True

    def _again(self, value: Any, error: BaseException | None, *, killed: bool) -> bool:
        # Its retries are those of its items.
        return False
