"""The feed: what it says, in which order, how often, and that it is silent when nothing happens."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nbjobs import JobManager, current_job
from nbjobs.widgets.tablefeed import TableFeed
from nbjobs.widgets.tablemessages import Row

LIMIT = 10.0


class Page:
    """Keeps a table as the page does, from the messages alone."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.rows: dict[int, Row] = {}
        self.seq = 0
        self.came = threading.Condition()

    def take(self, message: Any) -> None:
        """What the feed sends through the socket."""
        # As on the wire: what JSON cannot hold may not be in it.
        json.dumps(message, allow_nan=False)
        with self.came:
            self.messages.append(message)
            if message["kind"] == "snapshot":
                self.rows = {row.num: row for row in message["rows"]}
            elif message["kind"] == "delta":
                assert message["seq"] == self.seq + 1
                for num in message["gone"]:
                    self.rows.pop(num, None)
                self.rows.update((row.num, row) for row in message["rows"])
            self.seq = message["seq"]
            self.came.notify_all()

    def until(self, found: Callable[[], object]) -> None:
        """Wait until the table is as it should be."""
        with self.came:
            assert self.came.wait_for(found, LIMIT), (self.rows, self.messages[-3:])

    def states(self) -> list[str]:
        """The states, oldest job first."""
        return [self.rows[num].state for num in sorted(self.rows)]


@pytest.fixture
def page() -> Page:
    """A page that was just opened."""
    return Page()


@pytest.fixture
def feed(jobs: JobManager, page: Page) -> Iterator[TableFeed]:
    """A feed from `jobs` to `page`."""
    made = TableFeed(jobs, page.take, clicks_wait=False, beat=0.2)
    yield made
    made.close()
    made._scheduler.join(LIMIT)


def test_a_job_is_followed_to_its_end(jobs: JobManager, feed: TableFeed, page: Page) -> None:
    """Its states, its progress and its last line arrive."""
    go, said = threading.Event(), threading.Event()

    def work() -> int:
        job = current_job()
        assert job is not None
        job.progress(3, 10)
        job.recorder.write("stdout", "first\nsecond\n")
        said.set()
        go.wait(LIMIT)
        return 42

    job = jobs.submit(work)
    page.until(lambda: page.states() == ["running"] and page.rows[0].line == "second")
    row = page.rows[0]
    assert (row.done, row.total) == (3, 10)
    assert row.start is not None
    assert row.took is None
    go.set()
    page.until(lambda: page.states() == ["succeeded"])
    assert page.rows[0].took == pytest.approx(job.elapsed, abs=0.01)


def test_more_output_is_announced_again_and_again(
    jobs: JobManager, feed: TableFeed, page: Page
) -> None:
    """Each new last line arrives, though a recorder announces output only once until it is read."""
    steps = [threading.Event() for _ in range(3)]

    def work() -> None:
        job = current_job()
        assert job is not None
        for number, step in enumerate(steps):
            job.recorder.write("stdout", f"line {number}\n")
            step.wait(LIMIT)

    jobs.submit(work)
    for number, step in enumerate(steps):
        page.until(lambda number=number: page.rows and page.rows[0].line == f"line {number}")
        step.set()


def test_removed_jobs_go(jobs: JobManager, feed: TableFeed, page: Page) -> None:
    """A removed job's row is taken away, and never comes back."""
    jobs.submit(int).wait()
    page.until(lambda: page.states() == ["succeeded"])
    jobs.remove(0)
    page.until(lambda: not page.rows)
    jobs.submit(int).wait()
    page.until(lambda: list(page.rows) == [1])


def test_workers_are_as_far_as_their_group(
    jobs: JobManager, feed: TableFeed, page: Page, blocker: threading.Event
) -> None:
    """The rows of a group's workers go on with the group's, and are put under it."""

    def work(number: int) -> None:
        if number == 30:
            blocker.wait(LIMIT)

    group = jobs.map(work, range(40), workers=1)

    def done() -> list[float | None]:
        return [page.rows[num].done for num in (0, 1) if num in page.rows]

    page.until(lambda: done() == [30, 30])
    assert page.rows[1].under == group.num == 0
    assert page.rows[0].under is None
    blocker.set()
    page.until(lambda: page.states() == ["succeeded"] * 2 and done() == [40, 40])


def test_a_burst_is_few_messages(jobs: JobManager, feed: TableFeed, page: Page) -> None:
    """Thousands of changes are put together, and the page is right at the end."""
    made = [jobs.submit(int) for _ in range(1000)]
    jobs.wait(*made)
    page.until(lambda: page.states() == ["succeeded"] * 1000)
    assert len([m for m in page.messages if m["kind"] == "delta"]) < 200


def test_hello_gets_what_is_missing(jobs: JobManager, feed: TableFeed, page: Page) -> None:
    """A page that is up to date gets a sign of life, any other the whole table."""
    jobs.submit(int).wait()
    page.until(lambda: page.states() == ["succeeded"])
    feed.hello(feed.seq)
    assert page.messages[-1]["kind"] == "beat"
    for seq in (-1, feed.seq + 7, None, "junk"):
        feed.hello(seq)
        assert page.messages[-1]["kind"] == "snapshot"
        assert page.messages[-1]["columns"] == Row._fields
        assert [row.num for row in page.messages[-1]["rows"]] == [0]


def test_it_beats_while_jobs_run_and_sleeps_when_none_does(
    jobs: JobManager, feed: TableFeed, page: Page, blocker: threading.Event
) -> None:
    """A running job keeps the beat going; after the last one there is a beat, then no thread."""
    job = jobs.submit(blocker.wait)
    page.until(lambda: [m["kind"] for m in page.messages].count("beat") >= 2)
    blocker.set()
    job.wait()
    page.until(lambda: page.states() == ["succeeded"])
    feed._scheduler.join(LIMIT)
    assert feed._scheduler._thread is None
    assert page.messages[-1] == {"kind": "beat", "seq": page.seq, "now": page.messages[-1]["now"]}


def test_numbers_that_json_cannot_hold(jobs: JobManager, feed: TableFeed, page: Page) -> None:
    """A progress of infinity or of a huge integer, and half a surrogate pair, do no harm."""

    def work() -> None:
        job = current_job()
        assert job is not None
        job.progress(float("nan"), float("inf"))
        job.recorder.write("stdout", "bad \ud800 text\n")
        job.progress(10**400, 10**5000)

    jobs.options(name="half \udc00 pair").submit(work).wait()
    page.until(lambda: page.states() == ["succeeded"])
    row = page.rows[0]
    assert (row.done, row.total) == (None, None)
    (row.label + row.line).encode()


def test_closed_it_is_silent(jobs: JobManager, feed: TableFeed, page: Page) -> None:
    """After `close` nothing is sent, whatever happens."""
    feed.close()
    jobs.submit(int).wait()
    feed._scheduler.join(LIMIT)
    assert page.messages == []


def test_changes_from_many_threads_are_not_lost(
    jobs: JobManager, feed: TableFeed, page: Page
) -> None:
    """Events of many threads at once, with snapshots in between, leave the page as the jobs are."""
    stop = threading.Event()

    def ask() -> None:
        while not stop.wait(0.002):
            feed.hello(-1)

    asking = threading.Thread(target=ask)
    asking.start()
    starters = [
        threading.Thread(target=lambda: [jobs.submit(int) for _ in range(100)]) for _ in range(5)
    ]
    for thread in starters:
        thread.start()
    for thread in starters:
        thread.join()
    jobs.wait()
    stop.set()
    asking.join()
    page.until(lambda: page.states() == ["succeeded"] * 500)
