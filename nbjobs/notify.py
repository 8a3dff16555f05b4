"""Tell the user that a long job has ended, once, wherever the user is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from .jobevents import EventKind, JobEvent
from .text import one_line, seconds
from .timers import Scheduler

if TYPE_CHECKING:
    from .job import Job
    from .settings import NbJobs


@dataclass(frozen=True, slots=True)
class News:
    """That job `num` has ended, in a `title` and a `body`."""

    num: int
    title: str
    body: str


class Notifier:
    """Subscriber of a manager's events that tells of the end of jobs.

    It tells of those with the option `notify`, and of those that took as long as
    `NbJobs.notify_after`, but not of silent ones.

    Args:
        settings: What the user has configured.
        tell: Does it; called on a thread of its own, once for each job.
    """

    def __init__(self, settings: NbJobs, tell: Callable[[News], None]) -> None:
        self._settings = settings
        self._tell = tell
        self._scheduler = Scheduler("nbjobs-notify")

    def on_event(self, event: JobEvent) -> None:
        """Something has happened to a job."""
        # A job comes into a finished state once, and never leaves it.
        if event.kind is EventKind.STATE and event.state.finished and self._wanted(event.job):
            news = news_of(event.job)
            self._scheduler.call_later(0.0, partial(self._tell, news))

    def _wanted(self, job: Job) -> bool:
        if job.options.silent or not job.state.started:
            return False
        after = self._settings.notify_after
        return job.options.notify or (after > 0 and job.elapsed >= after)


def news_of(job: Job) -> News:
    """What to tell of a job that has ended."""
    title = f"Job {job.num} {job.state}: {one_line(job.label, 60)}"
    outcome = job.outcome(200)
    after = f"after {seconds(job.elapsed)}"
    return News(job.num, title, f"{after}: {outcome}" if outcome not in ("", "None") else after)


def ring_bell(news: News) -> None:
    """Ring the terminal's bell; the next prompt says which job it was for."""
    # The real one: a job's or a prompt's would have the character in its text.
    terminal = sys.__stdout__
    if terminal is not None:
        terminal.write("\a")
        terminal.flush()
