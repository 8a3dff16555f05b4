"""Loops that say how far they are: `track`, and tqdm's."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import tqdm.auto
import tqdm.std

from nbjobs import Job, JobManager, current_job, track, tracking
from nbjobs.jobevents import EventKind


@pytest.fixture
def tqdm_followed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As `%load_ext nbjobs` does it; without tqdm's own thread, which never ends."""
    monkeypatch.setattr(tqdm.std.tqdm, "monitor_interval", 0)
    undo = tracking.follow_tqdm()
    yield
    undo()


def _progress_of(jobs: JobManager, work: Any) -> tuple[Job, list[tuple[Any, Any]]]:
    """Run `work` as a job; returns it and all it said about its progress."""
    seen: list[tuple[Any, Any]] = []

    def look(event: Any) -> None:
        if event.kind is EventKind.PROGRESS:
            seen.append(tuple(event.job.progress))

    unsubscribe = jobs.subscribe(look)
    job = jobs.submit(work)
    job.wait()
    unsubscribe()
    assert job.successful(), job.outcome()
    return job, seen


def test_track_counts_and_describes(jobs: JobManager) -> None:
    """It begins at 0, ends at the total, and asks a list how long it is."""
    job, seen = _progress_of(jobs, lambda: list(track([5, 6, 7], description="pages")))
    assert job.result == [5, 6, 7]
    assert seen[0] == (0, 3)
    assert job.progress == (3, 3)
    assert job.progress.description == "pages"


def test_track_without_a_length(jobs: JobManager) -> None:
    """A generator has none: only what is done is known, unless the total is given."""
    job, _ = _progress_of(jobs, lambda: list(track(x for x in range(4))))
    assert job.progress == (4, None)
    job, _ = _progress_of(jobs, lambda: list(track((x for x in range(4)), total=8)))
    assert job.progress == (4, 8)


def test_track_says_how_far_it_came(jobs: JobManager) -> None:
    """A loop that is left early is not shown as done, nor as where it was said to be last."""

    def leave_early() -> None:
        for x in track(range(100)):
            if x == 41:
                break

    job, _ = _progress_of(jobs, leave_early)
    assert job.progress == (41, 100)


def test_track_outside_a_job_only_iterates() -> None:
    """And costs nothing else."""
    assert list(track("abc")) == ["a", "b", "c"]


def test_track_is_quiet_when_fast(jobs: JobManager) -> None:
    """A hundred thousand quick steps are told in a handful of messages."""
    _, seen = _progress_of(jobs, lambda: sum(track(range(100_000))))
    assert len(seen) < 1000
    assert seen[-1] == (100_000, 100_000)


@pytest.mark.usefixtures("tqdm_followed")
@pytest.mark.parametrize("kind", [tqdm.std.tqdm, tqdm.auto.tqdm])
def test_tqdm_drives_the_job(jobs: JobManager, kind: Any) -> None:
    """Both of tqdm's usual classes, over an iterable and by hand."""

    def work() -> None:
        for _ in kind(range(7), file=io.StringIO(), desc="pages"):
            pass

    job, _ = _progress_of(jobs, work)
    assert job.progress == (7, 7)
    assert job.progress.description == "pages"

    def by_hand() -> None:
        with kind(total=50, file=io.StringIO()) as bar:
            bar.update(20)

    job, _ = _progress_of(jobs, by_hand)
    assert job.progress == (20, 50)


@pytest.mark.usefixtures("tqdm_followed")
def test_of_nested_bars_the_outer_one_counts(jobs: JobManager) -> None:
    """The inner one would jump to and fro."""

    def work() -> None:
        page = io.StringIO()
        for _ in tqdm.std.tqdm(range(3), file=page, mininterval=0):
            for _ in tqdm.std.tqdm(range(50), file=page, mininterval=0, leave=False):
                pass

    job, seen = _progress_of(jobs, work)
    assert {total for _, total in seen} == {3}
    assert job.progress == (3, 3)


@pytest.mark.usefixtures("tqdm_followed")
def test_bars_of_two_jobs_do_not_mix(jobs: JobManager) -> None:
    """Each job has its own, though tqdm keeps them in one list."""
    both = threading.Barrier(2, timeout=10)

    def work(count: int) -> None:
        for _ in tqdm.std.tqdm(range(count), file=io.StringIO(), mininterval=0):
            both.wait()

    first = jobs.submit(work, 5)
    second = jobs.submit(work, 5)
    jobs.wait()
    assert (first.progress, second.progress) == ((5, 5), (5, 5))


@pytest.mark.usefixtures("tqdm_followed")
def test_tqdm_outside_a_job_is_as_ever() -> None:
    """It draws, and no job hears of it."""
    page = io.StringIO()
    assert list(tqdm.std.tqdm(range(3), file=page)) == [0, 1, 2]
    assert "3/3" in page.getvalue()
    assert current_job() is None


def test_following_is_undone_exactly() -> None:
    """The functions of tqdm are back in their place."""
    before = vars(tqdm.std.tqdm)["refresh"], vars(tqdm.std.tqdm)["close"]
    undo = tracking.follow_tqdm()
    assert vars(tqdm.std.tqdm)["close"] is not before[1]
    undo()
    assert (vars(tqdm.std.tqdm)["refresh"], vars(tqdm.std.tqdm)["close"]) == before
