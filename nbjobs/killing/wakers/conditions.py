"""Waits that are built on `threading.Condition`: Event, Queue, Future, Semaphore, Barrier."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ..looks import Look
from ..safepoint import waiting

_PATIENCE = 0.005


class ConditionWaker:
    """Does for one waiter exactly what `Condition.notify` does.

    Releasing the waiter's lock under the condition's feet would do, too, but then a `notify` could
    be spent on a thread that is leaving already.
    """

    name = "condition"

    def wake(self, look: Look) -> bool:
        """Wake the call if its innermost frame waits in a Condition."""
        if not waiting(look.frames[0]):
            return False
        names = look.frames[0].f_locals
        condition, waiter = names["self"], names["waiter"]
        lock = condition._lock
        if not _acquire(lock):
            return False
        try:
            return _notify(condition, waiter)
        finally:
            lock.release()


def _acquire(lock: Any) -> bool:
    try:
        return bool(lock.acquire(timeout=_PATIENCE))
    except TypeError:
        # A lock of the user's own making, without a timeout.
        return bool(lock.acquire(False))


def _notify(condition: Any, waiter: Any) -> bool:
    try:
        condition._waiters.remove(waiter)
    except ValueError:
        return False  # Notified already: it is on its way.
    with suppress(RuntimeError):
        waiter.release()
    return True
