"""Jobs on clusters beside the clusters' own calls, as ratios of one run.

Usage: python benchmarks/executors_cluster.py
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import distributed
import ipyparallel

from nbjobs import JobManager
from nbjobs.cluster.keeper import Keeper

ITEMS = 500
ROUNDS = 7
SHORT = (5, 150)
"""Calls in a round and rounds: many short ones, for the machine's speed changes meanwhile."""

LONG = (50, ROUNDS)
"""The same for Dask, whose client holds a message back for ten milliseconds after the last one: in
short rounds each of ours would wait because of one of theirs, and none of theirs at all."""


def nothing(item: object) -> object:
    """The work that costs nothing."""
    return item


def took(call: Callable[[], object], times: int) -> float:
    """The time of one of several calls in a row, in seconds."""
    began = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - began) / times


def compare(
    what: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    times: int = 1,
    rounds: int = ROUNDS,
) -> None:
    """Print the ratio of medians of rounds made in turn, so that both meet the same machine."""
    for call in (ours, theirs):
        took(call, times)
    pairs = [(took(ours, times), took(theirs, times)) for _ in range(rounds)]
    mine, other = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(f"{what}: {mine * 1e3:.2f} ms, its own {other * 1e3:.2f} ms, {mine / other:.2f} times")


def against(
    name: str, jobs: JobManager, on: Any, one: Any, many: Any, times: tuple[int, int]
) -> None:
    """One call, and a map, on a cluster that runs."""
    submit = jobs.options(on=on).submit
    compare(f"{name}, one job", lambda: submit(nothing, 1).get(), one, *times)
    compare(
        f"{name}, a map of {ITEMS}",
        lambda: jobs.map(nothing, range(ITEMS), on=on, workers=2).get(),
        many,
    )


def main() -> None:
    """Measure both."""
    # The peer's engines are others: ours have learned not to wait where they need not.
    kept = [Keeper(kind, 2) for kind in ("ipyparallel", "dask", "ipyparallel")]
    try:
        with (
            JobManager() as jobs,
            ipyparallel.Client(kept[0].address) as engines,
            ipyparallel.Client(kept[2].address) as others,
        ):
            for each in (engines, others):
                each.wait_for_engines(2, timeout=60, interactive=False)
            view = others.load_balanced_view()
            against(
                "ipyparallel",
                jobs,
                engines,
                lambda: view.apply_async(nothing, 1).get(),
                lambda: view.map_async(nothing, range(ITEMS)).get(),
                SHORT,
            )
        with (
            JobManager() as jobs,
            distributed.Client(kept[1].address, set_as_default=False) as client,
        ):
            against(
                "Dask",
                jobs,
                client,
                lambda: client.submit(nothing, 1, pure=False).result(),
                lambda: client.gather(client.map(nothing, range(ITEMS), pure=False)),
                LONG,
            )
    finally:
        for keeper in kept:
            keeper.close(5)


if __name__ == "__main__":
    main()
