"""Seeing a kill through, in the background, for any number of gates on one thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

from ..timers import Timer
from .gate import IDLE, Gate, running
from .interval import QuickSwitching
from .ladder import climb
from .schedule import scheduler

log = logging.getLogger(__name__)


class Pursuit:
    """Takes one step of a gate's ladder after the other, until the call has ended."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._steps: Iterator[float] = climb(gate, kill)
        # Guards `_timer` and the beginning and the end of the pursuit.
        self._lock = threading.Lock()
        self._timer: Timer | None = None

    def hurry(self) -> None:
        """Take the next step now."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = scheduler.call_later(0, self._step)

    def _step(self) -> None:
        with self._lock:
            self._timer = None
        try:
            pause = next(self._steps, None)
        except Exception:
            log.exception("nbjobs: a kill was given up because of an error in it; kill again")
            pause = None
        with self._lock:
            # Somebody may have hurried meanwhile: there is only ever one timer.
            if pause is None:
                self._gate.pursuit = None
            elif self._timer is None:
                self._timer = scheduler.call_later(pause, self._step)


def kill(gate: Gate, *, force: bool = False) -> None:
    """Have the gate's call ended: return at once, and see to it in the background.

    Goes on for as long as the call runs, so one that hangs where nothing can reach it ends when
    that returns. May be called from any thread, the killed one included, and again.

    Args:
        gate: Whose call is to end. If it has not begun, it never will.
        force: Interrupt shields, cleanup and code that holds something, too.
    """
    if force:
        gate.forced = True
    if not gate.request() or gate.phase == IDLE:
        return
    # A sleep ends right here. The innermost gate of the thread is the one that sleeps.
    running.get(gate.ident, gate).ring()
    with gate.lock:
        pursuit = gate.pursuit
        started = pursuit is None
        if started:
            pursuit = gate.pursuit = Pursuit(gate)
    if started or force:
        # Beginning a thread takes a few turns, which a busy loop would make long.
        with QuickSwitching():
            pursuit.hurry()
