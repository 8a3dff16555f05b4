"""What a map makes of nonsense, and of iterables and items that fail."""

import threading

import pytest

from nbjobs import JobError, JobKilled, JobManager, JobState

LIMIT = 10.0


@pytest.mark.parametrize(
    ("arguments", "options", "error"),
    [
        ((str, [1]), {"workers": 0}, ValueError),
        ((str, [1]), {"workers": -3}, ValueError),
        ((str, [1]), {"workers": 2.5}, TypeError),
        ((str, [1]), {"workers": True}, TypeError),
        ((str, [1]), {"retries": -1}, ValueError),
        ((str, [1]), {"ahead": 0}, ValueError),
        ((str, [1]), {"ahead": 1, "chunked": True}, ValueError),
        ((str, [1]), {"name": "5"}, ValueError),
        ((str, 5), {}, TypeError),
        ((str,), {}, TypeError),
        ((5, [1]), {}, TypeError),
        (("str(1)", [1]), {}, TypeError),
    ],
)
def test_nonsense_is_an_error_at_once(jobs: JobManager, arguments, options, error) -> None:
    """And no job is made."""
    with pytest.raises(error):
        jobs.map(*arguments, **options)
    assert len(jobs) == 0


def test_a_map_cannot_be_repeated(jobs: JobManager) -> None:
    """Every so many seconds is for single functions."""
    with pytest.raises(ValueError, match="cannot be repeated"):
        jobs.options(every=1).map(str, [1])


@pytest.mark.parametrize("error", [OSError("gone"), KeyboardInterrupt()])
def test_an_iterable_that_raises_half_way(jobs: JobManager, error) -> None:
    """What was done is kept, and the error is told."""

    def items():
        yield 1
        yield 2
        raise error

    group = jobs.map(str, items(), workers=2)
    with pytest.raises(ExceptionGroup, match=r"the iterable raised .* after 2 items"):
        group.get(LIMIT)
    assert group.results == ["1", "2"]
    assert group.errors == []


def test_a_generator_used_from_two_places(jobs: JobManager, blocker) -> None:
    """The error says what it is about."""
    entered = threading.Event()

    def items():
        entered.set()
        yield blocker.wait(LIMIT)

    shared = items()
    first = jobs.map(str, shared, workers=1)
    assert entered.wait(LIMIT)
    second = jobs.map(str, shared, workers=1)
    with pytest.raises(ExceptionGroup) as caught:
        second.get(LIMIT)
    assert "in use elsewhere at the same time" in str(caught.value.exceptions[0])
    blocker.set()
    assert first.get(LIMIT) == ["True"]


def test_a_kill_inside_the_generator_is_not_taken_for_its_end(jobs: JobManager, blocker) -> None:
    """The worker that was in it is gone, and so is the generator: the group has not succeeded."""
    entered = threading.Event()

    def items():
        yield 0
        entered.set()
        blocker.wait(LIMIT)
        yield 1

    group = jobs.map(str, items(), workers=1)
    assert entered.wait(LIMIT)
    group.parts[0].kill()
    assert group.wait(LIMIT)
    assert group.state is JobState.FAILED
    with pytest.raises(ExceptionGroup) as caught:
        group.get()
    assert isinstance(caught.value.exceptions[0], JobKilled)
    assert group.results == ["0"]


def test_all_workers_killed_one_by_one(jobs: JobManager, blocker) -> None:
    """Items are left that nobody ran: that is told, and a retry runs them."""
    begun = threading.Semaphore(0)

    def work(number: int) -> int:
        begun.release()
        blocker.wait(LIMIT)
        return number

    group = jobs.map(work, range(6), workers=2)
    for _ in range(2):
        assert begun.acquire(timeout=LIMIT)
    for worker in group.parts:
        worker.kill()
    with pytest.raises(ExceptionGroup) as caught:
        group.get(LIMIT)
    assert "4 items had no worker left" in str(caught.value.exceptions[-1])
    blocker.set()
    assert group.retry().get(LIMIT) == list(range(6))


def test_a_hundred_thousand_items(jobs: JobManager) -> None:
    """Are no problem."""
    assert sum(jobs.map(abs, range(100_000)).get(60)) == sum(range(100_000))


def test_killed_before_it_began(jobs: JobManager, blocker) -> None:
    """A map that waits for a job has no workers yet, and never gets any."""
    first = jobs.submit(blocker.wait, LIMIT)
    group = jobs.options(after=first).map(str, range(3))
    assert group.state is JobState.WAITING
    group.kill()
    assert group.state is JobState.CANCELLED
    assert group.parts == []
    assert list(jobs) == [first, group]


def test_a_map_on_a_closed_manager(jobs: JobManager) -> None:
    """Is refused."""
    jobs.close()
    with pytest.raises(JobError, match="closed"):
        jobs.map(str, [1])


def test_items_are_tried_again(jobs: JobManager) -> None:
    """Each up to so many times, without keeping the others from being done."""
    lock = threading.Lock()
    tries: dict[int, int] = {}

    def flaky(number: int) -> int:
        with lock:
            tries[number] = tries.get(number, 0) + 1
        if number % 3 == 0 and tries[number] < 3:
            raise OSError(number)
        return number

    group = jobs.options(retries=2, retry_delay=0.01).map(flaky, range(10), workers=3)
    assert group.get(LIMIT) == list(range(10))
    assert {n for n, count in tries.items() if count == 3} == {0, 3, 6, 9}
    assert group.work.retried == 8


def test_a_kill_while_items_wait_to_be_tried_again(jobs: JobManager) -> None:
    """Does not wait for them."""
    tried = threading.Event()

    def fail(_: int) -> None:
        tried.set()
        raise OSError

    group = jobs.options(retries=5, retry_delay=1000).map(fail, [1], workers=1)
    assert tried.wait(LIMIT)
    group.kill(LIMIT)
    assert group.state is JobState.KILLED


def test_a_list_that_changes_meanwhile(jobs: JobManager, blocker) -> None:
    """The map goes on with what was in it."""
    items = [1, 2, 3]
    group = jobs.map(lambda n: blocker.wait(LIMIT) and n, items, workers=1)
    items.clear()
    blocker.set()
    assert group.get(LIMIT) == [1, 2, 3]
