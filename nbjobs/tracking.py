"""Loops that tell their job how far they are: `track`, and those of tqdm without a change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from operator import length_hint
from types import ModuleType
from typing import Any, TypeVar
from weakref import WeakKeyDictionary, ref

from .capture.imports import when_imported
from .job import Job, current_job
from .patches import Patch

T = TypeVar("T")

INTERVAL = 0.1
"""The shortest time between two reports of one loop, in seconds."""

_JOB = "_nbjobs_job"


def track(iterable: Iterable[T], total: float | None = None, description: str = "") -> Iterator[T]:
    """Iterate, and have the running job show how far that is.

    Outside a job it only iterates. Of several loops at a time the last one to report is shown.

    Args:
        iterable: What to iterate over.
        total: How many items there are; None asks the iterable.
        description: What is being done, in a word or two.

    Example:
        `%job [fetch(url) for url in track(urls, description="pages")]`
    """
    if total is None:
        total = length_hint(iterable, -1)
        total = None if total < 0 else total
    return _track(iterable, total, description)


def _track(iterable: Iterable[T], total: float | None, description: str) -> Iterator[T]:
    job = current_job()
    if job is None:
        yield from iterable
        return
    job.progress(0, total, description)
    done = shown = 0
    due = time.monotonic() + INTERVAL
    try:
        for item in iterable:
            yield item
            done += 1
            now = time.monotonic()
            if now >= due:
                due = now + INTERVAL
                shown = done
                job.progress(done)
    finally:
        # Also when the loop was left early, or the job killed: this is how far it came.
        if done != shown:
            job.progress(done)


def follow_tqdm() -> Callable[[], None]:
    """Have tqdm's loops in jobs report to them, from now or from the first import of tqdm on.

    Returns:
        A function that undoes it.
    """
    patches: list[Patch] = []

    def patch(module: ModuleType) -> None:
        # All of tqdm's classes, those of tqdm.auto and tqdm.notebook too, inherit these two. It
        # calls the first as often as it would draw, so the loop itself gets no slower.
        for name in ("refresh", "close"):
            patches.append(Patch(module.tqdm, name, _reporting))
            patches[-1].apply()

    forget = when_imported("tqdm.std", patch)

    def undo() -> None:
        forget()
        for each in patches:
            each.remove()

    return undo


def _reporting(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    def report_first(bar: Any, *args: Any, **options: Any) -> Any:
        if patch.active and not getattr(bar, "disable", True):
            _report(bar)
        return original(bar, *args, **options)

    report_first.__name__ = original.__name__
    report_first.__doc__ = original.__doc__
    return report_first


def _report(bar: Any) -> None:
    """Tell the job that `bar` belongs to how far it is."""
    owner = vars(bar).get(_JOB)
    if owner is None:
        job = current_job()
        # tqdm's own thread redraws bars of all jobs, whichever it was started by.
        if job is None or type(threading.current_thread()).__name__ == "TMonitor":
            return
        owner = vars(bar)[_JOB] = ref(job)
    job = owner()
    if job is None or not _leads(bar, job):
        return
    if job.progress != (bar.n, bar.total):
        job.progress(bar.n, bar.total, str(bar.desc or "").rstrip(": "))


def _leads(bar: Any, job: Job) -> bool:
    """Whether `bar` is the outermost of the job's open bars, as far as they have reported."""
    leader = _leaders.get(job, _nothing)()
    if leader is None or leader.disable or abs(bar.pos) < abs(leader.pos):
        _leaders[job] = ref(bar)
        return True
    return leader is bar


def _nothing() -> None:
    return None


_leaders: WeakKeyDictionary[Job, Callable[[], Any]] = WeakKeyDictionary()
