"""Who is told of a job's end, and that it is told once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from queue import Queue

import pytest

from nbjobs import JobManager
from nbjobs.notify import News, Notifier
from nbjobs.settings import NbJobs

LIMIT = 10.0


class Told:
    """What was told."""

    def __init__(self, settings: NbJobs) -> None:
        self._news: Queue[News] = Queue()
        self.settings = settings
        self.notifier = Notifier(settings, self._news.put)

    def next(self) -> News:
        """What is told next."""
        return self._news.get(timeout=LIMIT)

    def no_more(self) -> bool:
        """Whether that was all."""
        self.notifier._scheduler.join(LIMIT)
        return self._news.empty()


@pytest.fixture
def told(jobs: JobManager) -> Iterator[Told]:
    """A notifier of `jobs`."""
    made = Told(NbJobs())
    unsubscribe = jobs.subscribe(made.notifier.on_event)
    yield made
    unsubscribe()
    assert made.no_more()


def test_only_jobs_that_ask_are_told_of(jobs: JobManager, told: Told) -> None:
    """With `notify`, once, in a title and a body; without it, and for silent jobs, never."""
    jobs.options(notify=True, name="crawl").submit(divmod, 7, 0).wait()
    jobs.submit(int).wait()
    jobs.options(notify=True, silent=True).submit(int).wait()
    news = told.next()
    assert news.title == "Job 0 failed: crawl"
    assert "ZeroDivisionError" in news.body


def test_a_terminal_rings_its_bell(
    run: Callable[[str], object], capfd: pytest.CaptureFixture[str]
) -> None:
    """Once, when the job has ended; not for a job that does not ask."""
    run("job = %job --notify --wait 6*7")
    run("%job --wait 6*7")
    heard = ""
    end = time.monotonic() + LIMIT
    while "\a" not in heard and time.monotonic() < end:
        time.sleep(0.01)
        heard += capfd.readouterr().out
    assert heard.count("\a") == 1


def test_long_jobs_are_told_of(jobs: JobManager, told: Told) -> None:
    """Those that took as long as `notify_after`, and none while that is 0."""
    wait = threading.Event().wait
    jobs.submit(wait, 0.15).wait()
    jobs.options(notify=True).submit(int).wait()
    assert told.next().num == 1
    told.settings.notify_after = 0.1
    jobs.submit(wait, 0.15).wait()
    jobs.submit(int).wait()
    assert told.next().num == 2
