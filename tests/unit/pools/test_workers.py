"""A group and its workers as jobs: seen, killed, limited, removed."""

import threading

import pytest

from nbjobs import JobKilled, JobManager, JobState, current_job

LIMIT = 10.0


def test_the_workers_are_jobs(jobs: JobManager, blocker) -> None:
    """Seen in the list; killing one costs its item and no more."""
    begun = threading.Semaphore(0)

    def work(number: int) -> int:
        if number < 2:
            begun.release()
            blocker.wait(LIMIT)
        return number

    group = jobs.map(work, range(10), workers=2)
    for _ in range(2):
        assert begun.acquire(timeout=LIMIT)
    assert {worker.num for worker in group.parts} < set(jobs.all)
    victim = group.parts[0]
    assert victim.group is group
    assert group.group is None
    victim.kill()
    blocker.set()
    assert group.wait(LIMIT)
    assert victim.state is JobState.KILLED
    (lost,) = group.errors
    assert isinstance(lost.exception, JobKilled)
    assert [r for r in group.results if isinstance(r, int)] == [
        n for n in range(10) if n != lost.index
    ]
    assert group.retry().get(LIMIT) == list(range(10))


def test_kill_ends_all_workers(jobs: JobManager, blocker) -> None:
    """Those that wait in vain, too; what was done is kept."""
    begun = threading.Semaphore(0)

    def work(number: int) -> int:
        if number:
            begun.release()
            blocker.wait(LIMIT)
        return number

    group = jobs.map(work, range(100), workers=8)
    for _ in range(8):
        assert begun.acquire(timeout=LIMIT)
    group.kill()
    assert group.state is JobState.KILLED
    assert {worker.state for worker in group.parts} == {JobState.KILLED}
    with pytest.raises(JobKilled):
        group.get()
    assert group.results[0] == 0
    assert isinstance(group.results[50], JobKilled)


def test_a_time_limit_is_for_the_whole(jobs: JobManager, blocker) -> None:
    """It ends all workers, as timed out."""
    group = jobs.options(timeout=0.05).map(lambda _: blocker.wait(LIMIT), range(4), workers=4)
    assert group.wait(LIMIT)
    assert group.state is JobState.TIMED_OUT


def test_output_of_all_items_is_the_groups(jobs: JobManager) -> None:
    """What an item writes is found with the group, and its code knows its worker."""

    def work(number: int) -> bool:
        job = current_job()
        job.recorder.write("stdout", f"item {number}\n")
        return job in group.parts

    ready = threading.Event()
    group = jobs.map(lambda n: ready.wait(LIMIT) and work(n), range(3), workers=2)
    ready.set()
    assert group.get(LIMIT) == [True, True, True]
    assert sorted(group.stdout.splitlines()) == ["item 0", "item 1", "item 2"]


def test_speed_up(jobs: JobManager) -> None:
    """Four items that wait together take longer one by one than they took."""
    barrier = threading.Barrier(4)
    group = jobs.map(lambda _: barrier.wait(LIMIT), range(4), workers=4)
    group.get(LIMIT)
    assert group.serial_time > 0
    assert group.speedup == pytest.approx(group.serial_time / group.elapsed)


def test_removing_a_group_removes_its_workers(jobs: JobManager, capsys) -> None:
    """And lets go of all results."""
    group = jobs.map(str, range(10), name="strings")
    jobs["strings"].wait(LIMIT)
    jobs.wait()
    jobs.flush()
    assert len(jobs) == 0
    with pytest.raises(Exception, match="removed"):
        group.get()


@pytest.mark.parametrize("ordered", [True, False])
def test_nothing_piles_up_when_results_are_handed_on(jobs: JobManager, ordered: bool) -> None:
    """Ten thousand items later nothing is left of them, in whatever order they were taken."""
    group = jobs.map(abs, iter(range(10_000)), workers=4, ahead=10, ordered=ordered)
    assert sorted(group) == list(range(10_000))
    results = group.work.results
    assert not results.waiting
    assert not results.failed
    assert len(results.order) <= 1
    assert group.get(LIMIT) is None
