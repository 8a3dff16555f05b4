"""Maps on worker processes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from nbjobs import JobKilled, JobManager, JobState

LIMIT = 60.0


def test_a_kill_ends_all_workers(jobs: JobManager, tmp_path: Path) -> None:
    """What was done is kept, what was not says so, and a retry runs it."""

    def work(number: int) -> int:
        if number >= 4 and not Path(folder, "go").exists():
            Path(folder, f"at{number}").touch()
            time.sleep(600)
        return number

    folder = str(tmp_path)
    group = jobs.map(work, range(8), workers=2, on="process")
    end = time.monotonic() + LIMIT
    while len(list(tmp_path.glob("at*"))) < 2:
        assert time.monotonic() < end
        time.sleep(0.005)
    group.kill(LIMIT)
    assert group.state is JobState.KILLED
    assert group.results[:4] == [0, 1, 2, 3]
    assert {type(each) for each in group.results[4:]} == {JobKilled}
    (tmp_path / "go").touch()
    assert group.retry().get(LIMIT) == list(range(8))


def test_items_are_retried(jobs: JobManager, tmp_path: Path) -> None:
    """An item that fails is sent again."""

    def work(number: int) -> int:
        mark = Path(folder, str(number))
        if number % 2 and not mark.exists():
            mark.touch()
            raise OSError(number)
        return number

    folder = str(tmp_path)
    submit = jobs.options(on="process", retries=2, retry_delay=0.01)
    assert submit.map(work, range(6), workers=2).get(LIMIT) == list(range(6))


def test_results_come_in_order_while_it_runs(jobs: JobManager) -> None:
    """Iterating gives them as they come; a generator is pulled from as workers get free."""
    pulled = []

    def numbers():  # type: ignore[no-untyped-def]
        for number in range(50):
            pulled.append(number)
            yield number

    group = jobs.map(abs, numbers(), workers=2, ahead=4, on="process")
    for expected, result in enumerate(group):
        assert result == expected
        assert len(pulled) <= expected + 8
    assert len(pulled) == 50


def test_items_with_several_arguments(jobs: JobManager) -> None:
    """One from each iterable, as in any map."""
    assert jobs.map(pow, [2, 3], [4, 2], on="process").get(LIMIT) == [16, 9]


def test_output_of_items_is_the_groups(jobs: JobManager) -> None:
    """All that the items print is there."""
    group = jobs.map(lambda n: print("item", n), range(20), workers=2, on="process")
    group.get(LIMIT)
    assert sorted(group.stdout.splitlines()) == sorted(f"item {n}" for n in range(20))


def test_items_share_the_workers(jobs: JobManager) -> None:
    """No more processes than there may be, however many workers the map asks for."""
    jobs.engines.processes = 2
    pids = jobs.map(lambda _: os.getpid(), range(200), workers=8, on="process").get(LIMIT)
    assert 1 <= len(set(pids)) <= 2
    assert os.getpid() not in pids


def test_an_error_keeps_its_class_and_traceback(jobs: JobManager) -> None:
    """Each item's error says which item it was, and where it was raised."""

    def divide(number: int) -> float:
        return 1 / number

    group = jobs.map(divide, [1, 0], on="process")
    with pytest.raises(ExceptionGroup):
        group.get(LIMIT)
    error = group.errors[0].exception
    assert type(error) is ZeroDivisionError
    assert "item 1: 0" in error.__notes__
    assert "return 1 / number" in str(error.__cause__)
