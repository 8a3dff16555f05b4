"""Engines beside the packages that do the same, as ratios of one run.

Usage: python benchmarks/executors.py

Peers that are not installed are left out: pebble, loky.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from nbjobs import JobManager

ITEMS = 10_000
CALLS = 300


def nothing(item: object) -> object:
    """The work that costs nothing."""
    return item


def compute(rounds: int) -> int:
    """Work for a processor."""
    total = 0
    for number in range(rounds):
        total += number * number % 7
    return total


def median(call: Callable[[], object], times: int = CALLS) -> float:
    """The median time of a call, in seconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def best(call: Callable[[], object], times: int = 3) -> float:
    """The shortest time of several calls, in seconds."""
    return min(median(call, 1) for _ in range(times))


def in_turn(*calls: Callable[[], object], times: int = CALLS) -> list[float]:
    """The median time of each call, in seconds, made by turns: the machine is the same for all."""
    took: list[list[float]] = [[] for _ in calls]
    for _ in range(times):
        for call, mine in zip(calls, took, strict=True):
            mine.append(median(call, 1))
    return [statistics.median(each) for each in took]


def one_call(jobs: JobManager) -> None:
    """A job that does nothing, from its submission to its result."""

    def on(name: str) -> Callable[[], object]:
        submit = jobs.options(on=name).submit
        return lambda: submit(nothing, 1).get()

    for name in ("thread", "inline", "asyncio"):
        took = median(on(name))
        print(f"one call on {name}: {took * 1e6:,.0f} µs")
    process = jobs.options(on="process").submit
    for peer, opened in (("pebble", _pebble), ("loky", _loky)):
        if not find_spec(peer):
            continue
        with opened() as call:
            calls = (lambda: process(abs, 1).get(), lambda: process(nothing, 1).get(), call)
            in_turn(*calls, times=10)
            ours, travels, theirs = in_turn(*calls, times=5 * CALLS)
        print(f"one call on process: {ours * 1e6:,.0f} µs")
        print(f"    {ours / theirs:.2f} x the time of {peer} ({theirs * 1e6:,.0f} µs)", end="")
        print(f"; {travels / theirs:.2f} x where the function itself travels")


@contextmanager
def _pebble() -> Iterator[Callable[[], object]]:
    from pebble import ProcessPool

    with ProcessPool(max_workers=2) as pool:
        yield lambda: pool.schedule(abs, args=[1]).result()


@contextmanager
def _loky() -> Iterator[Callable[[], object]]:
    from loky import ProcessPoolExecutor

    with ProcessPoolExecutor(2) as pool:
        yield lambda: pool.submit(abs, 1).result()


def many_calls(jobs: JobManager) -> None:
    """A map of ten thousand items, and as many jobs one by one, on two processes."""

    def ours() -> None:
        group = jobs.options(on="process").map(nothing, range(ITEMS), workers=2)
        assert len(group.get()) == ITEMS

    def one_by_one() -> None:
        submit = jobs.options(on="process").submit
        many = [submit(nothing, number) for number in range(ITEMS)]
        jobs.wait(*many)

    ours()
    mapped, submitted = best(ours), best(one_by_one, 1)
    print(f"map of {ITEMS:,} on two processes: {mapped * 1e3:.0f} ms")
    if find_spec("loky"):
        for chunk, took in _loky_maps().items():
            name = f"loky, chunks of {chunk} ({took * 1e3:,.0f} ms)"
            print(f"    {mapped / took:.2f} x the time of {name}")
    each = submitted / ITEMS * 1e6
    print(f"{ITEMS:,} jobs on two processes: {submitted:.2f} s, {each:.0f} µs each")


def _loky_maps() -> dict[int, float]:
    from loky import ProcessPoolExecutor

    with ProcessPoolExecutor(2) as pool:
        list(pool.map(nothing, range(100)))

        def run(chunk: int) -> Callable[[], Any]:
            return lambda: list(pool.map(nothing, range(ITEMS), chunksize=chunk))

        return {1: best(run(1), 1), 100: best(run(100)), 1_000: best(run(1_000))}


def processors(jobs: JobManager) -> None:
    """Work that keeps a processor busy, on one process and on two."""
    rounds = [1_000_000] * 12

    def on(workers: int) -> float:
        return best(lambda: jobs.map(compute, rounds, workers=workers, on="process").get(), 3)

    on(2)
    one, two = on(1), on(2)
    print(f"computing on two processes: {one / two:.2f} x as fast as on one ({one:.2f} s)")
    if find_spec("loky"):
        one, two = _loky_processors(1, rounds), _loky_processors(2, rounds)
        print(f"    loky: {one / two:.2f} x as fast ({one:.2f} s)")


def _loky_processors(workers: int, rounds: list[int]) -> float:
    from loky import ProcessPoolExecutor

    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(compute, [1] * 10))
        return best(lambda: list(pool.map(compute, rounds)), 3)


def coroutines(jobs: JobManager) -> None:
    """Ten thousand coroutines that wait at the same time."""

    async def wait() -> None:
        await asyncio.sleep(0.1)

    async def plainly() -> None:
        await asyncio.gather(*[wait() for _ in range(ITEMS)])

    def ours() -> None:
        submit = jobs.options(on="asyncio").submit
        jobs.wait(*[submit(wait) for _ in range(ITEMS)])

    own, plain = best(ours, 1), best(lambda: asyncio.run(plainly()), 1)
    each = (own - plain) / ITEMS * 1e6
    print(f"{ITEMS:,} coroutines as jobs: {own:.2f} s; plainly {plain:.2f} s; {each:.0f} µs a job")


def imports(_jobs: JobManager) -> None:
    """What the engines add to loading nbjobs as long as they are not used."""
    code = (
        "import sys, nbjobs.manager\n"
        "others = {'cloudpickle', 'nbjobs.remote', 'nbjobs.workerprocess'} & set(sys.modules)\n"
        "print(sorted(others) or 'nothing')"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    print(
        f"loaded with the manager, of all that engines other than threads need: {run.stdout}",
        end="",
    )


def main() -> None:
    """Run all of them."""
    print(f"Python {sys.version.split()[0]}")
    for measure in (one_call, many_calls, processors, coroutines, imports):
        with JobManager() as jobs:
            jobs.engines.processes = 2
            measure(jobs)


if __name__ == "__main__":
    main()
