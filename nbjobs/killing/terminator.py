"""Ending processes: TERM first, KILL for those that are still there a moment later."""

from __future__ import annotations

import signal
import threading

from .processes import Process
from .schedule import scheduler
from .settings import settings

_lock = threading.Lock()
_doomed: set[Process] = set()


def terminate(processes: list[Process]) -> None:
    """Have these processes ended; asking again for one that is being ended does nothing."""
    with _lock:
        fresh = [each for each in processes if each not in _doomed]
        _doomed.update(fresh)
    if not fresh:
        return
    for each in fresh:
        each.send(signal.SIGTERM)
    scheduler.call_later(settings.term_grace, lambda: _finish(fresh))


def _finish(processes: list[Process]) -> None:
    for each in processes:
        each.send(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    with _lock:
        _doomed.difference_update(processes)
