"""Maps on a Dask cluster, which is given all items at once; on a real one."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed import Client

import clusters
import contract_work as work
from dask_graphs import graphs
from nbjobs import JobError, JobGroup, JobKilled, JobManager, JobState, NotPicklable
from nbjobs.cluster import mapgraph, worker
from nbjobs.killing import KillResult
from waiting import until

LIMIT = 60.0
WORKERS = clusters.WORKERS


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of the user's."""
    address = clusters.address("dask").partition(":")[2]
    with Client(address, set_as_default=False) as client:
        yield client


@pytest.fixture
def block(tmp_path: Path) -> Callable[[int], int]:
    """A function that leaves a sign, and from the fourth item on waits until it is let go."""
    folder = str(tmp_path)

    def wait(number: int) -> int:
        import threading
        from pathlib import Path

        Path(folder, f"at{number}").touch()
        while number > 2 and not Path(folder, "go").exists():
            threading.Event().wait(0.01)
        return number

    return wait


def in_hand(group: JobGroup) -> list[int]:
    """The items that the kernel knows to run, by worker."""
    return [hand.item[0] for hand in group.work.hands if hand.item is not None]


def at(folder: Path) -> set[int]:
    """The items that have begun."""
    return {int(each.name[2:]) for each in folder.glob("at*")}


def test_one_graph(jobs: JobManager, client: Client) -> None:
    """All items go in one graph, and one more holds the function; a generator's go one by one."""
    before = graphs(client)
    assert jobs.map(abs, range(100), on=client, workers=WORKERS).get(LIMIT) == list(range(100))
    assert graphs(client) == before + 2
    assert jobs.map(abs, iter(range(20)), on=client, workers=WORKERS).get(LIMIT) == [*range(20)]
    assert graphs(client) >= before + 22
    until(lambda: not client.who_has())


def test_more_items_than_portions(jobs: JobManager, client: Client) -> None:
    """Many items share a task."""
    count = 10 * mapgraph.PORTIONS + 7
    assert jobs.map(abs, range(count), on=client, workers=8).get(LIMIT) == list(range(count))


def test_large_items_go_in_several_graphs(
    jobs: JobManager, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more is on its way than there is room for."""
    monkeypatch.setattr(mapgraph, "BATCH", 100_000)
    before = graphs(client)
    group = jobs.map(len, [bytes(30_000)] * 20, on=client, workers=WORKERS)
    assert group.get(LIMIT) == [30_000] * 20
    assert before + 4 <= graphs(client) < before + 20


def test_each_item_has_its_own_end(jobs: JobManager, client: Client) -> None:
    """Results, errors, output and progress are those of the items, whatever becomes of others."""

    def work(number: int) -> float:
        print("item", number)
        return 12 / number

    group = jobs.map(work, [3, 0, 2, 1], on=client, workers=WORKERS)
    seen = {each.index: each.error or each.value for each in group.as_completed()}
    assert group.wait(LIMIT)
    assert group.state is JobState.FAILED
    assert [group.results[index] for index in (0, 2, 3)] == [4, 6, 12]
    assert [(each.index, each.item) for each in group.errors] == [(1, 0)]
    assert type(group.errors[0].exception) is ZeroDivisionError
    assert (seen[0], seen[1]) == (4, group.errors[0])
    assert sorted(group.stdout.splitlines()) == [f"item {number}" for number in range(4)]
    assert tuple(group.progress)[:2] == (4, 4)
    assert len(group.parts) == WORKERS
    assert {part.state for part in group.parts} == {JobState.SUCCEEDED}
    assert sum(part.progress[0] for part in group.parts) == 4


def test_a_kill_ends_what_runs_and_cancels_the_rest(
    jobs: JobManager, client: Client, block: Callable[[int], int], tmp_path: Path
) -> None:
    """What was done is kept; what waits is not begun any more; and a retry runs it."""
    group = jobs.map(block, range(40), on=client, workers=WORKERS)
    until(lambda: len(in_hand(group)) == WORKERS and min(in_hand(group)) > 2)
    # One of the first may still stand behind one that waits: Dask gives a worker two at a time.
    before = group.progress[0]
    group.kill(LIMIT)
    assert group.state is JobState.KILLED
    assert {part.state for part in group.parts} == {JobState.KILLED}
    done = [each for each in group.results if not isinstance(each, JobKilled)]
    assert len(done) == before
    assert set(done) <= {0, 1, 2}
    # A few that workers take before the scheduler has heard of it are ended there.
    until(lambda: not any(client.processing().values()))
    until(lambda: not any(client.run(lambda: len(worker._gates)).values()))
    assert len(at(tmp_path)) < 40
    Path(tmp_path, "go").touch()
    assert group.retry().get(LIMIT) == list(range(40))


def test_a_kill_of_one_worker(
    jobs: JobManager, client: Client, block: Callable[[int], int], tmp_path: Path
) -> None:
    """Its item is killed; the other goes on with the rest."""
    group = jobs.map(block, range(10), on=client, workers=WORKERS)
    until(lambda: len(in_hand(group)) == WORKERS and min(in_hand(group)) > 2)
    group.parts[0].kill(LIMIT)
    assert group.parts[0].state is JobState.KILLED
    Path(tmp_path, "go").touch()
    assert group.wait(LIMIT)
    assert group.parts[1].state is JobState.SUCCEEDED
    killed = [each.index for each in group.errors]
    assert len(killed) == 1
    assert {type(each.exception) for each in group.errors} == {JobKilled}
    assert sorted([*killed, *(n for n in group.results if type(n) is int)]) == list(range(10))


def test_an_item_that_cannot_travel(jobs: JobManager, client: Client) -> None:
    """It alone fails."""
    group = jobs.map(bool, [1, threading.Lock(), 3], on=client, workers=WORKERS)
    assert group.wait(LIMIT)
    assert (group.results[0], group.results[2]) == (True, True)
    assert [(each.index, type(each.exception)) for each in group.errors] == [(1, NotPicklable)]


def test_a_function_that_cannot_travel(jobs: JobManager, client: Client) -> None:
    """Nothing is run, and the reason is told."""
    guard = threading.Lock()
    group = jobs.map(lambda n: (n, guard), range(4), on=client, workers=WORKERS)
    with pytest.raises(NotPicklable, match="guard"):
        group.get(LIMIT)


def test_a_function_that_cannot_be_loaded(
    jobs: JobManager, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is run, and the module that is missing there is named."""
    Path(tmp_path, "mapped_only_here.py").write_text("def f(n):\n    return n\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import mapped_only_here

    group = jobs.map(mapped_only_here.f, range(50), on=client, workers=WORKERS)
    with pytest.raises(JobError, match="No module named 'mapped_only_here'"):
        group.get(LIMIT)


def test_a_worker_dies(jobs: JobManager, client: Client, tmp_path: Path) -> None:
    """Dask begins the portion again, and no item is lost."""
    Path(tmp_path, "go").touch()
    folders = [str(tmp_path)] * 3
    group = jobs.map(work.die_once, folders, on=client, workers=WORKERS)
    assert group.get(LIMIT) == ["second"] * 3


def test_fewer_workers_than_the_cluster_has(
    jobs: JobManager, client: Client, tmp_path: Path
) -> None:
    """Then no more items run at a time than there are workers."""
    folder = str(tmp_path)

    def alone(number: int) -> bool:
        from pathlib import Path

        sign = Path(folder, "busy")
        sign.touch(exist_ok=False)
        sign.unlink()
        return True

    group = jobs.map(alone, range(50), on=client, workers=1)
    assert group.get(LIMIT) == [True] * 50


def test_threads_of_one_worker(jobs: JobManager, tmp_path: Path) -> None:
    """Items that run side by side in one process keep their output and their results apart."""
    folder = str(tmp_path)

    def meet(number: int) -> int:
        import threading
        from pathlib import Path

        Path(folder, f"at{number}").touch()
        print("met", number)
        while not Path(folder, f"at{number ^ 1}").exists():
            threading.Event().wait(0.01)
        return number

    with clusters.dask_of_one(tmp_path, threads=2) as (address, _):
        # The cluster is there before the map, so that it goes as a whole.
        assert jobs.options(on=address).submit(pow, 2, 2).get(LIMIT) == 4
        group = jobs.map(meet, range(6), on=address, workers=2)
        assert group.get(LIMIT) == list(range(6))
        assert sorted(group.stdout.splitlines()) == [f"met {number}" for number in range(6)]
        jobs.close(5)


def test_endless_items_are_bounded(jobs: JobManager, client: Client) -> None:
    """A generator is pulled from as its results are taken."""
    pulled: list[int] = []

    def numbers() -> Iterator[int]:
        for number in itertools.count():
            pulled.append(number)
            yield number

    group = jobs.map(abs, numbers(), on=client, workers=WORKERS, ahead=4)
    assert list(itertools.islice(group, 10)) == list(range(10))
    assert len(pulled) <= 10 + 4 + WORKERS
    assert group.kill(LIMIT) is KillResult.KILLED
