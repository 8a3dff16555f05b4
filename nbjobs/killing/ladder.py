"""The steps that end a call, as pauses between them.

One step never blocks its thread for more than a few milliseconds: all kills share it.

1. What the call has started (threads, pool calls) is killed in the same way, beside it.
2. An event loop in the call is asked to cancel its task, and given a moment.
3. At a safe point the kill is injected, and the call is woken if it is blocked.
4. That is repeated, for a kill can be swallowed; but never in a shield, nor while the thread is
   cleaning up because of it.
5. Once the call has ended, child processes that it has left are ended, too.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator

from . import family, loops
from .gate import CLOSED, Gate
from .interrupt import Interrupter, release_exit
from .interval import QuickSwitching
from .looks import Look
from .settings import settings
from .terminator import terminate
from .unwinding import unwinding

#: Between looks for a safe point, as long as those are close together.
_GLIMPSE = 0.0002
#: The same, when that has not helped for a while.
_GLANCE = 0.001
#: How long threads change quickly, at least; for a call that is blocked that is of no use.
_HASTE = 0.5

Killer = Callable[[Gate], None]


def climb(gate: Gate, kill: Killer) -> Iterator[float]:
    """Try to end the gate's call; gives the pauses, in seconds, to make between the tries.

    Args:
        gate: Whose call is to end.
        kill: Kills another gate, in the background.
    """
    interrupter = Interrupter(gate)
    attempts = _attempts(gate, kill, interrupter)
    end = time.monotonic() + _HASTE
    try:
        with QuickSwitching():
            for pause in attempts:
                yield pause
                if time.monotonic() > end and not interrupter.moving:
                    break
        yield from attempts
    finally:
        interrupter.close()
    # The call may have ended before there was time to look for these.
    if gate.sent or gate.woken:
        _kill_below(gate, kill)
        terminate(family.trees(family.children(gate)))


def _attempts(gate: Gate, kill: Killer, interrupter: Interrupter) -> Iterator[float]:
    asked = sent = time.monotonic()
    cleaning_since = math.inf
    pauses = _Pauses()
    yield from _cooperate(gate, kill)
    while gate.phase != CLOSED:
        now = time.monotonic()
        if gate.shielded:
            gate.unshielded = now - asked > settings.shield_limit
        elif unwinding(gate) and not gate.forced:
            # What cleanup starts is left alone; what was there before it is not.
            _kill_below(gate, kill, begun_before=cleaning_since)
            cleaning_since = min(cleaning_since, time.monotonic())
            release_exit(Look.at(gate))
            interrupter.watch()
        else:
            cleaning_since = math.inf
            _kill_below(gate, kill)
            if interrupter.attempt():
                sent = time.monotonic()
            elif interrupter.moving:
                yield _GLIMPSE if now - sent < settings.deferral else _GLANCE
                continue
        yield pauses.next()


def _cooperate(gate: Gate, kill: Killer) -> Iterator[float]:
    """Have an event loop in the call cancel its task, and let it finish its cleanup."""
    if gate.forced or gate.shielded or gate.phase == CLOSED:
        return
    loop = loops.find(Look.at(gate))
    if loop is None:
        return
    # Said first: the call may be over before `cancel` has returned.
    gate.woken = True
    if not loop.cancel():
        gate.woken = False
        return
    _kill_below(gate, kill)
    end = time.monotonic() + settings.cooperation
    pauses = _Pauses()
    while gate.phase != CLOSED and not gate.forced:
        if time.monotonic() > end and not loop.cleaning():
            return
        yield pauses.next()


def _kill_below(gate: Gate, kill: Killer, begun_before: float = math.inf) -> None:
    if begun_before == math.inf:
        family.bar_new_calls(gate)
    for each in family.gates_below(gate):
        if not each.requested and each.since < begun_before:
            # The call may be waiting for it, and return because of this.
            gate.woken = True
            kill(each)


class _Pauses:
    """Growing pauses."""

    def __init__(self) -> None:
        self._pause = settings.first_pause

    def next(self) -> float:
        pause = self._pause
        self._pause = min(pause * settings.growth, settings.last_pause)
        return pause
