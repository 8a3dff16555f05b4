"""One cluster of each kind for all tests of a session: real ones, of two workers, on loopback."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from nbjobs.cluster.keeper import Keeper

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
