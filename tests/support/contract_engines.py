"""The engines that the contract is checked on; a row for each.

To add one: a row here, with what it lacks, by the title of the check, in a few words each. Where
something is lacking the check's `instead` is run, which says what happens then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

import clusters
import contract_work as work


@contextmanager
def named(name: str) -> Iterator[str]:
    """Nothing is to be prepared for an engine that is known by its name."""
    yield name


@dataclass(frozen=True)
class Row:
    """One engine.

    Attributes:
        name: What it is called in the table.
        on: Yields what `on=` is given, and takes away afterwards what had to be prepared.
        sleeper: What leaves a sign of having begun and then takes long.
        long: How long, in seconds.
        separate: Whether the job's code runs in another process.
        lacks: What it does not do, and why, by the title of the check.
    """

    name: str
    on: Callable[[], Any]
    sleeper: Callable[..., Any] = work.mark_and_sleep
    long: float = 60.0
    separate: bool = False
    lacks: dict[str, str] = field(default_factory=dict)


@contextmanager
def threads() -> Iterator[Any]:
    """A pool of threads of the standard library's."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


@contextmanager
def processes() -> Iterator[Any]:
    """A pool of processes of the standard library's."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        yield pool


KILL = "killed while it runs"
QUEUED = "killed while it waits for a place"
BACKGROUND = "runs in the background"
OWN = "code runs in a process of its own"
DEATH = "outlives the death of a worker"
LEFT = "leaves no process behind"
BLOCKS = (
    "`submit` returns when the job has ended, so there is nothing left to wait, or to be killed"
)
LATE = "a call that has begun cannot be ended; one that has not is cancelled"
HERE = {
    OWN: "code runs in the kernel's process, over its live namespace",
    DEATH: "there is none: what ends the process ends the kernel",
}

ROWS = (
    Row("thread", lambda: named("thread"), lacks=HERE),
    Row("inline", lambda: named("inline"), lacks={**HERE, QUEUED: BLOCKS, BACKGROUND: BLOCKS}),
    Row("asyncio", lambda: named("asyncio"), sleeper=work.mark_and_sleep_async, lacks=HERE),
    Row("process", lambda: named("process"), separate=True),
    Row("a ThreadPoolExecutor", threads, lacks=HERE),
    Row(
        "a ProcessPoolExecutor",
        processes,
        long=4.0,
        separate=True,
        lacks={
            KILL: LATE,
            "time limit": LATE,
            "map, in order, with its errors": "a map says at once that it needs `process`",
            "records displays and values": "displays are printed as text",
            DEATH: "the pool is broken, as it says, and takes no more",
            LEFT: "the pool is yours, and stays as it is",
        },
    ),
    Row("ipyparallel", lambda: clusters.running("ipyparallel"), separate=True),
    Row("dask", lambda: clusters.running("dask"), separate=True),
)
