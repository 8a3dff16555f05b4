"""A map calls a function for every item, in several workers, and keeps every outcome."""

import asyncio
import itertools
import threading

import pytest

from nbjobs import JobGroup, JobManager, JobNotFinished, JobState
from nbjobs.outcomes import ItemError

LIMIT = 10.0


def picky(number: int) -> int:
    """Fails for every fifth number."""
    if number % 5 == 0:
        raise ValueError(number)
    return number * 10


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("workers", [1, 3, 50])
def test_results_in_input_order(jobs: JobManager, workers: int, chunked: bool) -> None:
    """However many workers share them, in whatever way."""
    group = jobs.map(str, range(23), workers=workers, chunked=chunked)
    assert isinstance(group, JobGroup)
    assert group.get() == [str(number) for number in range(23)]
    assert group.results == group.get()
    assert group.progress == (23, 23)
    assert len(group.parts) == min(workers, 23)


@pytest.mark.parametrize("make", [list, tuple, iter, set, dict.fromkeys])
def test_any_iterable(jobs: JobManager, make) -> None:
    """Sequences, sets, dictionaries, iterators."""
    assert jobs.map(abs, make(range(-9, 0)), workers=2).get() == [
        abs(n) for n in make(range(-9, 0))
    ]


def test_several_iterables(jobs: JobManager) -> None:
    """As the builtin `map`: to the end of the shortest."""
    assert jobs.map(pow, [2, 3, 4], itertools.count(1)).get() == [2, 9, 64]
    assert jobs.map(pow, [2, 3], (3, 2, 1)).get() == [8, 9]


@pytest.mark.parametrize("empty", [[], iter([])])
def test_nothing_to_do(jobs: JobManager, empty) -> None:
    """An empty map is a success."""
    group = jobs.map(str, empty)
    assert group.get(LIMIT) == []
    assert list(group) == []


def test_it_returns_at_once_and_runs_side_by_side(jobs: JobManager, blocker) -> None:
    """Four items that wait for each other can only end if four run at a time."""
    barrier = threading.Barrier(4)
    group = jobs.map(lambda _: barrier.wait(LIMIT), range(4), workers=4)
    assert sorted(group.get(LIMIT)) == [0, 1, 2, 3]


def test_a_failing_item_loses_nothing(jobs: JobManager) -> None:
    """The others' results are there, the errors are listed, and `get` raises them together."""
    group = jobs.map(picky, range(12), workers=3)
    with pytest.raises(ExceptionGroup, match="3 of 12 items failed") as caught:
        group.get(LIMIT)
    assert [str(error) for error in caught.value.exceptions] == ["0", "5", "10"]
    assert caught.value.exceptions[0].__notes__ == ["item 0: 0"]
    assert [error[:2] for error in group.errors] == [(0, 0), (5, 5), (10, 10)]
    assert isinstance(group.errors[0], ItemError)
    assert [r for r in group.results if isinstance(r, int)] == [n * 10 for n in range(12) if n % 5]
    assert group.state is JobState.FAILED


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_an_item_that_means_to_end_more_than_itself(jobs: JobManager, error) -> None:
    """Ends only itself: its worker and the others go on."""

    def leave(number: int) -> int:
        if number == 1:
            raise error
        return number

    group = jobs.map(leave, range(6), workers=2)
    group.wait(LIMIT)
    assert [index for index, _, _ in group.errors] == [1]
    assert [r for r in group.results if isinstance(r, int)] == [0, 2, 3, 4, 5]


def test_retry_runs_only_what_failed(jobs: JobManager) -> None:
    """And the new group has all results, the old ones included."""
    calls: list[int] = []
    broken = {2, 5}

    def work(number: int) -> int:
        calls.append(number)
        if number in broken:
            raise OSError(number)
        return -number

    group = jobs.map(work, range(8), workers=3)
    group.wait(LIMIT)
    broken.clear()
    calls.clear()
    again = group.retry()
    assert again.get(LIMIT) == [-n for n in range(8)]
    assert sorted(calls) == [2, 5]
    assert again.progress == (2, 2)


def test_retry_of_an_iterator_goes_on_where_it_stopped(jobs: JobManager) -> None:
    """What failed comes first, then the rest."""
    broken = {1}

    def work(number: int) -> int:
        if number in broken:
            raise OSError(number)
        return number

    group = jobs.map(work, iter(range(5)), workers=2)
    group.wait(LIMIT)
    broken.clear()
    assert group.retry().get(LIMIT) == [0, 1, 2, 3, 4]


def test_nothing_to_retry(jobs: JobManager) -> None:
    """Said at once."""
    group = jobs.map(str, [1])
    group.wait(LIMIT)
    with pytest.raises(Exception, match="nothing to retry"):
        group.retry()


def test_results_come_in_order_as_they_arrive(jobs: JobManager) -> None:
    """The first is given while the last has not begun."""
    go = threading.Semaphore(0)

    def work(number: int) -> int:
        assert go.acquire(timeout=LIMIT)
        return number

    group = jobs.map(work, range(3), workers=1)
    arriving = iter(group)
    with pytest.raises(JobNotFinished):
        _ = group.results
    for number in range(3):
        go.release()
        assert next(arriving) == number
    with pytest.raises(StopIteration):
        next(arriving)


def test_an_iteration_goes_on_after_a_failed_item(jobs: JobManager) -> None:
    """Its error is raised in its place."""
    arriving = iter(jobs.map(picky, [1, 5, 2], workers=2))
    assert next(arriving) == 10
    with pytest.raises(ValueError, match="5"):
        next(arriving)
    assert next(arriving) == 20


@pytest.mark.parametrize("ordered", [True, False])
def test_as_completed_and_unordered(jobs: JobManager, ordered: bool) -> None:
    """What is done first comes first: here the last item."""
    last_done = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert last_done.wait(LIMIT)
        return number

    group = jobs.map(work, [0, 1], workers=2, ordered=ordered)
    done = group.as_completed()
    first = next(done)
    assert (first.index, first.value, first.error) == (1, 1, None)
    last_done.set()
    assert next(done).get() == 0
    assert list(group) == ([0, 1] if ordered else [1, 0])


def test_async_for(jobs: JobManager) -> None:
    """The same in a coroutine, with other tasks going on meanwhile."""
    go = threading.Event()
    group = jobs.map(lambda n: go.wait(LIMIT) and n, range(20), workers=4)

    async def collect() -> list[int]:
        async def release() -> None:
            go.set()

        task = asyncio.create_task(release())
        found = [result async for result in group]
        await task
        assert await group == found
        return found

    assert asyncio.run(collect()) == list(range(20))


def test_one_map_feeds_another(jobs: JobManager) -> None:
    """A group is an iterable: results flow on as they come."""
    assert jobs.map(str, jobs.map(abs, [-1, -2, -3])).get(LIMIT) == ["1", "2", "3"]


def test_an_endless_generator_is_bounded(jobs: JobManager) -> None:
    """No more is pulled than there is room for, nothing is kept, and a kill ends it."""
    pulled = itertools.count()
    last = 0

    def numbers():
        nonlocal last
        while True:
            last = next(pulled)
            yield last

    group = jobs.map(lambda n: n, numbers(), workers=3, ahead=5)
    arriving = iter(group)
    assert [next(arriving) for _ in range(1000)] == list(range(1000))
    assert last <= 1000 + 5
    assert len(group.work.results.waiting) <= 5
    group.kill()
    assert group.state is JobState.KILLED
    with pytest.raises(Exception, match="handed out as they came"):
        _ = group.results


def test_only_as_many_in_flight_as_workers(jobs: JobManager, blocker) -> None:
    """Of an iterator no item is made before a worker is free for it."""
    made = []
    begun = threading.Semaphore(0)

    def items():
        for number in range(100):
            made.append(number)
            yield number

    def work(_: int) -> None:
        begun.release()
        blocker.wait(LIMIT)

    group = jobs.map(work, items(), workers=3)
    for _ in range(3):
        assert begun.acquire(timeout=LIMIT)
    assert made == [0, 1, 2]
    group.kill()
