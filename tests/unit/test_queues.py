"""Queues run their jobs in order, and the limit bounds all threads."""

import threading

import pytest

from nbjobs import JobError, JobManager, JobState

LIMIT = 10.0


class Gate:
    """Work that says when it has begun, and ends when it is told to."""

    def __init__(self) -> None:
        self.order: list[object] = []
        self._begun = threading.Semaphore(0)
        self._go = threading.Semaphore(0)

    def work(self, name: object = None) -> object:
        """Begin, wait, end."""
        self.order.append(name)
        self._begun.release()
        assert self._go.acquire(timeout=LIMIT)
        return name

    def await_begun(self, count: int = 1) -> None:
        """Wait until so many more have begun."""
        for _ in range(count):
            assert self._begun.acquire(timeout=LIMIT)

    def let_go(self, count: int = 1) -> None:
        """Let so many end."""
        self._go.release(count)


@pytest.fixture
def gate():
    """Opened at the end, so that nothing hangs when a test fails."""
    made = Gate()
    yield made
    made.let_go(1000)


def test_one_at_a_time_in_order(jobs: JobManager, gate: Gate) -> None:
    """Other jobs are not held up."""
    db = jobs.options(queue="db")
    made = [db.submit(gate.work, n) for n in range(4)]
    gate.await_begun()
    assert [job.state for job in made] == [JobState.RUNNING] + [JobState.QUEUED] * 3
    assert made[3].summary() == "queued: in queue db"
    assert made[3].queue == "db"
    assert jobs.submit(int).get(LIMIT) == 0
    for n in range(4):
        gate.let_go()
        assert made[n].get(LIMIT) == n
    assert gate.order == [0, 1, 2, 3]


def test_a_wider_queue(jobs: JobManager, gate: Gate) -> None:
    """So many at a time; widening it starts more."""
    queue = jobs.queue("db", width=2)
    made = [jobs.options(queue="db").submit(gate.work, n) for n in range(5)]
    gate.await_begun(2)
    assert queue.waiting == made[2:]
    assert queue.active == made[:2]
    assert len(queue) == 3
    assert repr(queue) == "<JobQueue 'db': 2 jobs at work of 2 at most, 3 waiting>"
    queue.width = 4
    gate.await_begun(2)
    assert list(queue) == made[4:]
    gate.let_go(5)
    assert jobs.wait(timeout=LIMIT)


def test_the_line_can_be_changed(jobs: JobManager, gate: Gate) -> None:
    """Jobs in it can be moved and cancelled."""
    made = [jobs.options(queue="db").submit(gate.work, n) for n in range(6)]
    gate.await_begun()
    queue = jobs.queue("db")
    queue.move(made[5])
    queue.move(made[1], -1)
    queue.move(made[3], 1)
    assert queue.waiting == [made[n] for n in (5, 3, 2, 4, 1)]
    made[2].cancel()
    gate.let_go(10)
    assert jobs.wait(timeout=LIMIT)
    assert gate.order == [0, 5, 3, 4, 1]
    with pytest.raises(JobError, match="does not wait in queue 'db'"):
        queue.move(made[0])


def test_all_in_line_cancelled(jobs: JobManager, gate: Gate) -> None:
    """What runs goes on."""
    made = [jobs.options(queue="db").submit(gate.work, n) for n in range(3)]
    gate.await_begun()
    assert jobs.queue("db").cancel() == [made[2], made[1]]
    gate.let_go()
    assert made[0].get(LIMIT) == 0


def test_a_killed_job_makes_room(jobs: JobManager, gate: Gate) -> None:
    """As one that fails does."""
    first = jobs.options(queue="db").submit(gate.work, 0)
    second = jobs.options(queue="db").submit(gate.work, 1)
    gate.await_begun()
    first.kill()
    gate.await_begun()
    gate.let_go()
    assert second.get(LIMIT) == 1


def test_killing_all_starts_none(jobs: JobManager, gate: Gate) -> None:
    """The end of the first does not start the next."""
    for n in range(20):
        jobs.options(queue="db").submit(gate.work, n)
    gate.await_begun()
    jobs.kill()
    assert gate.order == [0]


def test_a_job_that_waits_takes_no_place(jobs: JobManager, gate: Gate) -> None:
    """It joins its queue when what it waits for has ended."""
    parent = jobs.submit(gate.work, "parent")
    late = jobs.options(queue="db", after=parent).submit(gate.work, "late")
    jobs.options(queue="db").submit(gate.work, "early")
    gate.await_begun(2)
    assert sorted(map(str, gate.order)) == ["early", "parent"]
    gate.let_go(3)
    assert late.get(LIMIT) == "late"


def test_the_limit(jobs: JobManager, gate: Gate) -> None:
    """Bounds all threads, in queues, maps and pools; raising it starts more."""
    jobs.limit = 2
    made = [jobs.submit(gate.work, n) for n in range(3)]
    group = jobs.map(gate.work, range(2), workers=2)
    gate.await_begun(2)
    states = [job.state for job in (*made, *group.parts)]
    assert states == [JobState.RUNNING] * 2 + [JobState.QUEUED] * 3
    jobs.limit = 3
    gate.await_begun()
    jobs.limit = None
    gate.await_begun(2)
    gate.let_go(5)
    assert group.get(LIMIT) == [0, 1]


@pytest.mark.parametrize("limit", [0, -1, 1.5, "3"])
def test_a_limit_that_makes_no_sense(jobs: JobManager, limit) -> None:
    """Is refused."""
    with pytest.raises((TypeError, ValueError), match="limit of jobs"):
        jobs.limit = limit


@pytest.mark.parametrize(
    ("name", "width"), [(None, 1), ("", 1), ("db", 0), ("db", "2"), ("a,b", 1), (3, 1)]
)
def test_a_queue_that_makes_no_sense(jobs: JobManager, name, width) -> None:
    """Likewise."""
    with pytest.raises((TypeError, ValueError)):
        jobs.queue(name, width=width)


def test_five_hundred_jobs_under_a_limit(jobs: JobManager) -> None:
    """Never more than so many at the same time, and all are run."""
    jobs.limit = 4
    lock, running, most = threading.Lock(), 0, 0

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        with lock:
            running -= 1

    made = [jobs.options(queue=None if n % 3 else f"q{n % 2}").submit(work) for n in range(500)]
    assert jobs.wait(*made, timeout=60)
    assert {job.state for job in made} == {JobState.SUCCEEDED}
    assert most <= 4
    assert jobs._dispatcher.active == 0
    assert not jobs._dispatcher.places
