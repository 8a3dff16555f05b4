"""Jobs as tasks of one event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from nbjobs import JobError, JobManager, JobState, current_job
from nbjobs.killing import KillResult
from waiting import begun

LIMIT = 60.0


@pytest.fixture
def submit(jobs: JobManager) -> Callable[..., Any]:
    """Starts jobs on the event loop."""
    return jobs.options(on="asyncio").submit


def test_thousands_at_once(submit: Callable[..., Any], jobs: JobManager) -> None:
    """All of them wait at the same time, in one thread, and each knows which job it is."""
    started = 0
    gate = asyncio.Event()

    async def wait() -> tuple[int, int]:
        nonlocal started
        started += 1
        if started == 3000:
            gate.set()
        await gate.wait()
        await asyncio.sleep(0)
        return current_job().num, threading.get_ident()  # type: ignore[union-attr]

    many = [submit(wait) for _ in range(3000)]
    assert jobs.wait(timeout=LIMIT)
    assert [job.result[0] for job in many] == list(range(3000))
    assert len({job.result[1] for job in many}) == 1


def test_output_is_kept_apart(run: Callable[[str], Any]) -> None:
    """What coroutines print in turn is each job's own."""
    run("%reload_ext nbjobs")
    run(
        "import asyncio\n"
        "async def talk(n):\n"
        "    for _ in range(3):\n"
        "        print(n)\n"
        "        await asyncio.sleep(0)"
    )
    run("many = [jobs.options(on='asyncio').submit(talk, n) for n in range(10)]")
    assert run("jobs.wait(timeout=60)")
    assert run("[job.stdout for job in many]") == [f"{n}\n" * 3 for n in range(10)]


def test_a_kill_cancels_and_cleans_up(submit: Callable[..., Any]) -> None:
    """`finally` runs, and may await; the loop lives on."""
    cleaned = []

    async def work() -> None:
        try:
            await asyncio.sleep(LIMIT)
        finally:
            await asyncio.sleep(0)
            cleaned.append(1)

    job = submit(work)
    begun(job)
    assert job.kill(LIMIT) is KillResult.KILLED
    assert cleaned == [1]
    assert submit(asyncio.sleep, 0, "alive").get(LIMIT) == "alive"


def test_where_it_waits_is_shown(submit: Callable[..., Any]) -> None:
    """`blocked_in` names the line of the user's own code."""

    async def inner() -> None:
        await asyncio.sleep(LIMIT)

    async def outer() -> None:
        await inner()

    job = submit(outer)
    begun(job)
    end = time.monotonic() + LIMIT
    while "test_asyncio.py" not in (job.blocked_in or ""):
        assert time.monotonic() < end
    assert job.blocked_in.endswith("in inner")
    assert job.blocked_in.startswith("await at ")


def test_who_holds_up_the_loop_is_told(submit: Callable[..., Any]) -> None:
    """Asked of any job, by number and line; a kill of one that blocks is pending, honestly."""
    inside, go = threading.Event(), threading.Event()

    async def block() -> None:
        inside.set()
        go.wait(LIMIT)

    job = submit(block)
    assert inside.wait(LIMIT)
    other = submit(asyncio.sleep, 0, 5)
    assert job.kill(grace=0) is KillResult.PENDING
    assert job.state is JobState.KILLING
    assert "the event loop, which job 0 holds up at test_asyncio.py" in job.blocked_in
    assert other.state is JobState.QUEUED
    go.set()
    assert other.get(LIMIT) == 5
    assert job.wait(LIMIT)


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
def test_the_loop_outlives_what_would_end_it(
    submit: Callable[..., Any], error: type[BaseException]
) -> None:
    """SystemExit in a job, or in a task of its own, ends that alone."""

    async def leave() -> None:
        raise error

    async def in_a_task() -> None:
        task = asyncio.create_task(leave())
        with suppress(BaseException):
            await task

    with pytest.raises(JobError, match=error.__name__):
        submit(leave).get(LIMIT)
    submit(in_a_task).wait(LIMIT)
    assert submit(asyncio.sleep, 0, "alive").get(LIMIT) == "alive"


def test_maps_await(jobs: JobManager) -> None:
    """As many items are under way as there are workers; errors are the items' own."""
    now = most = 0

    async def work(number: int) -> int:
        nonlocal now, most
        now += 1
        most = max(now, most)
        await asyncio.sleep(0.01)
        now -= 1
        return 10 // number

    group = jobs.options(on="asyncio").map(work, [1, 0, 2, 5] * 5, workers=4)
    group.wait(LIMIT)
    assert [each for each in group.results if isinstance(each, int)] == [10, 5, 2] * 5
    assert len(group.errors) == 5
    assert most == 4
