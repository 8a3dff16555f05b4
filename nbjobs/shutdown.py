"""When the interpreter ends, all jobs are killed first, so that their `finally` blocks run."""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import thread as _pools
from typing import Protocol

from .timers import run_here, start_no_more_threads


class Closable(Protocol):
    """Something with jobs."""

    def close(self, timeout: float) -> None:
        """End all jobs within `timeout` seconds."""

    def ask_all_to_end(self) -> Callable[[], bool]:
        """Have all jobs killed; returns what tells whether they have ended."""


TIMEOUT = 2.0
"""How long, in seconds, the end of the interpreter may be held up by all jobs together."""

_open: weakref.WeakSet[Closable] = weakref.WeakSet()
_lock = threading.Lock()
_armed = False


def register(manager: Closable) -> None:
    """Close `manager` when the interpreter ends."""
    global _armed
    with _lock:
        _open.add(manager)
        if not _armed:
            _armed = True
            _arm()


def forget(manager: Closable) -> None:
    """`manager` has been closed."""
    with _lock:
        _open.discard(manager)


def close_all() -> None:
    """Close all managers that are open."""
    with _lock:
        managers = list(_open)
    end = time.monotonic() + TIMEOUT
    start_no_more_threads()
    ended = [manager.ask_all_to_end() for manager in managers]
    run_here(TIMEOUT, lambda: all(has_ended() for has_ended in ended))
    for manager in managers:
        manager.close(max(0.0, end - time.monotonic()))


def _arm() -> None:
    # Plain atexit callbacks run only after all non-daemon threads and all pools have been waited
    # for, and a job may be what keeps one of those busy. What concurrent.futures uses for its own
    # pools runs before that, the last registered first: so after the import of its module.
    assert _pools is not None
    register_early = getattr(threading, "_register_atexit", None)
    if register_early is not None:
        register_early(close_all)
    atexit.register(close_all)
