"""What upstream's manager prints and how it removes jobs: the verbs that never raise."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .exceptions import JobNotFound
from .job import Job
from .states import JobState
from .text import plural

if TYPE_CHECKING:
    from .registry import Key, Registry

log = logging.getLogger(__name__)


class Reports:
    """Lists of jobs by how they stand, and upstream's verbs on them.

    As upstream's, these log an error where another method would raise. Nothing is held here but
    which jobs have still to be reported at the prompt.
    """

    _registry: Registry

    if TYPE_CHECKING:

        def __iter__(self) -> Iterator[Job]: ...

    @property
    def running(self) -> list[Job]:
        """The jobs that have not ended, those that wait to be started included."""
        return [job for job in self if job.is_alive()]

    @property
    def completed(self) -> list[Job]:
        """The jobs that have succeeded."""
        return [job for job in self if job.state is JobState.SUCCEEDED]

    @property
    def dead(self) -> list[Job]:
        """The jobs that have ended without a result: failed, killed, timed out, cancelled."""
        return [job for job in self if job.state.dead]

    def __call__(self) -> None:
        """Print the status, as the Unix shell's `jobs` does."""
        self.status()

    def status(self, verbose: int = 0) -> None:
        """Print what runs, what is done and what died.

        Args:
            verbose: Accepted for upstream's sake.
        """
        jobs = list(self)
        if not jobs:
            print("No jobs.")
        for title, group in _by_fate(jobs).items():
            _print_group(title, group)

    def report_news(self) -> list[Job]:
        """The jobs that have ended since the last call, unnoticed by the user, oldest first."""
        news = self._registry.take_ended()
        fresh = [job for job in news if not job.noticed]
        for job in fresh:
            job.noticed = True
        return fresh

    def _status_new(self) -> bool:
        """Print the jobs that have ended since the last call; True if there are any."""
        groups = _by_fate(self.report_news())
        for title, group in groups.items():
            _print_group(title, group)
        return bool(groups)

    def result(self, num: Key) -> Any:
        """The result of job `num`; an unknown one is logged as an error."""
        job = self._find(num)
        return None if job is None else job.result

    def traceback(self, job: Key | None = None) -> None:
        """Print the traceback of a job, or of all dead ones; an unknown one is logged."""
        if job is not None:
            found = self._find(job)
            if found is not None:
                found.traceback()
            return
        for found in self.dead:
            print(f"Traceback for: {found!r}")
            found.traceback()
            print()

    def remove(self, num: Key) -> None:
        """Remove a job that has ended; its result is freed at once.

        An unknown or unfinished job is logged as an error, and stays.
        """
        job = self._find(num)
        if job is None:
            return
        if job.is_alive():
            log.error(
                "Job #%s is still running, it can not be removed. Kill it or wait for it.", job.num
            )
            return
        self.discard(job)

    def flush(self) -> None:
        """Remove all jobs that have ended; their results are freed at once."""
        ended = [job for job in self if not job.is_alive()]
        for title, group in _by_fate(ended).items():
            print(f"Flushing {plural(len(group), f'{title} job')}.")
        for job in ended:
            self.discard(job)
        if not ended:
            print("No jobs to flush.")

    def discard(self, job: Job) -> None:
        """Remove a job that has ended, with all that it is made of."""
        for part in job.parts:
            self.discard(part)
        if self._registry.remove(job):
            job.release()

    def _find(self, which: Key) -> Job | None:
        try:
            return self._registry.find(which)
        except JobNotFound as error:
            reason = str(error)
        log.error("Job #%s not found: %s", which, reason)
        return None


def _by_fate(jobs: Iterable[Job]) -> dict[str, list[Job]]:
    groups: dict[str, list[Job]] = {"Running": [], "Completed": [], "Dead": []}
    for job in jobs:
        state = job.state
        fate = "Dead" if state.dead else "Completed" if state.finished else "Running"
        groups[fate].append(job)
    return {title: group for title, group in groups.items() if group}


def _print_group(title: str, group: list[Job]) -> None:
    print(f"{title} jobs:")
    for job in group:
        job.notice()
        print(f"{job.num} : {job}  ({job.summary()})")
    print()
