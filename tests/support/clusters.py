"""One cluster of each kind for all tests of a session: real ones, of two workers, on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from nbjobs.cluster.keeper import Keeper
from waiting import until

WORKERS = 2

_lock = threading.Lock()
_kept: dict[str, Keeper] = {}


def address(kind: str) -> str:
    """What to give as `on=`; the cluster is started when it is first asked for."""
    with _lock:
        if kind not in _kept:
            # The tests' helpers are imported by name in the workers.
            _kept[kind] = Keeper(kind, WORKERS)
        return f"{kind}:{_kept[kind].address}"


@contextmanager
def running(kind: str) -> Iterator[str]:
    """The address, for as long as the session lasts: see `end_all`."""
    yield address(kind)


@contextmanager
def dask_of_one(folder: Path, threads: int = 1) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Dask cluster whose one worker nobody replaces: what to give as `on=`, and that worker."""
    file = folder / "scheduler.json"
    shared = ["--scheduler-file", str(file), "--no-dashboard", "--host", "127.0.0.1"]
    mine = ["--no-nanny", "--nthreads", str(threads), "--local-directory", str(folder)]
    with (
        _process("scheduler", *shared, "--port", "0"),
        _process("worker", *shared, *mine) as worker,
    ):
        until(lambda: file.exists() and file.read_text().rstrip().endswith("}"))
        yield f"dask:{json.loads(file.read_text())['address']}", worker


@contextmanager
def _process(part: str, *args: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", f"distributed.cli.dask_{part}", *args]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=env) as running:
        try:
            yield running
        finally:
            running.kill()


def keepers() -> list[psutil.Process]:
    """The processes that keep those that run; all others of a cluster descend from its keeper."""
    with _lock:
        return [psutil.Process(keeper.pid) for keeper in _kept.values()]


def end_all() -> None:
    """End them; none of their processes is left."""
    with _lock:
        kept = list(_kept.values())
        _kept.clear()
    for keeper in kept:
        keeper.close(10)
    assert not any(_alive(keeper) for keeper in kept)


def _alive(keeper: Keeper) -> bool:
    return any(process.alive for process in keeper.kept) or os.path.exists(f"/proc/{keeper.pid}")
