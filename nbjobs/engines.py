"""The table of engines: what `--on` may name, and where each is to be found.

Data only, at the bottom of the layers, so that an option can be checked without importing what it
names. How to add an engine:

1. Write `nbjobs/executors/NAME.py` with a class that has what `jobevents.Engine` asks for: it is
   made as `Class(settings, on)`, `on` being what the user wrote or gave. Nothing of it is imported
   before it is first used, and what it needs beyond nbjobs' own requirements is imported inside.
2. Add a row to `ENGINES` here, and the extra to pyproject.toml.
3. Add a row to `tests/support/contract_engines.py`: the same tests then run on it. `python
   tests/support/contract_table.py` gives it a column in docs/executors.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngineRow:
    """One engine.

    Attributes:
        module: The module in `nbjobs.executors`.
        cls: The class in it.
        extra: The extra that installs what it needs; None if it needs nothing.
        needs: The modules that must be importable.
        takes: Top-level packages of objects that `on=` may be given for this engine.
        argument: What may follow its name and a colon, in a word; None if nothing may.
        starts: How an argument begins that says all by itself, without the engine's name.
        ends: How such an argument ends.
    """

    module: str
    cls: str
    extra: str | None = None
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    argument: str | None = None
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


ENGINES: Mapping[str, EngineRow] = {
    "thread": EngineRow("thread", "ThreadExecutor"),
    "inline": EngineRow("inline", "InlineExecutor"),
    "asyncio": EngineRow("asyncio", "AsyncioExecutor"),
    "process": EngineRow("process", "ProcessExecutor", "process", ("cloudpickle",)),
    "ipyparallel": EngineRow(
        "ipyparallel",
        "IPyParallelExecutor",
        "ipyparallel",
        ("ipyparallel", "cloudpickle"),
        takes=("ipyparallel",),
        argument="PROFILE",
        ends=("-client.json",),
    ),
    "dask": EngineRow(
        "dask",
        "DaskExecutor",
        "dask",
        ("distributed", "cloudpickle"),
        takes=("distributed", "dask_jobqueue", "dask_kubernetes", "dask_cloudprovider"),
        argument="ADDRESS",
        starts=("tcp://", "tls://"),
    ),
}


def in_full(on: str) -> str:
    """What the user named, with the name of the engine if it was left out."""
    if on.partition(":")[0] not in ENGINES:
        for name, row in ENGINES.items():
            if on.startswith(row.starts) or on.endswith(row.ends):
                return f"{name}:{on}"
    return on


def named(on: str) -> EngineRow | None:
    """The engine that the user's word stands for."""
    return ENGINES.get(in_full(on).partition(":")[0])


def taking(on: object) -> EngineRow | None:
    """The engine that takes such an object."""
    packages = {base.__module__.partition(".")[0] for base in type(on).__mro__}
    return next((row for row in ENGINES.values() if packages.intersection(row.takes)), None)


@dataclass(slots=True)
class EngineSettings:
    """What can be set about engines; read whenever it matters, so a change counts at once.

    Attributes:
        default: The engine of jobs that name none.
        processes: How many worker processes, engines or Dask workers there may be; None for one per
            processor.
        cluster_timeout: How long, in seconds, to wait for a cluster that should be there.
    """

    default: str = "thread"
    processes: int | None = None
    cluster_timeout: float = 10.0
