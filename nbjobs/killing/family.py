"""What belongs to a job besides its own thread: its threads, pool calls and child processes."""

from __future__ import annotations

from .. import inheritance
from . import ownership
from .gate import OPEN, Gate, running
from .processes import Process, children_of_thread, helpers, ticks_at, tree


def gates_below(gate: Gate) -> list[Gate]:
    """The gates of the calls that the gate's call has started and that still run."""
    if gate.owner is None or gate.started_by_job:
        return []
    return [
        each
        for each in list(running.values())
        if each is not gate and each.owner is gate.owner and each.phase == OPEN
    ]


def bar_new_calls(gate: Gate) -> None:
    """See that what the call has put into pools so far is not begun any more."""
    if gate.owner is not None and not gate.started_by_job:
        inheritance.bar(gate.owner)


def children(gate: Gate) -> list[Process]:
    """The child processes that the gate's call has started and that still run."""
    begun = ticks_at(gate.since)
    over = ticks_at(gate.until) + 1 if gate.until else None
    found = [Process.of(pid) for pid in children_of_thread(gate.native_id)]
    # The thread had other calls before, and may have others now.
    mine = {
        each
        for each in found
        if each and each.start >= begun and (over is None or each.start < over)
    }
    if not gate.started_by_job:
        mine |= {each for pid in ownership.processes_of(gate.owner) if (each := Process.of(pid))}
    spared = helpers()
    return [each for each in mine if each.pid not in spared]


def trees(roots: list[Process]) -> list[Process]:
    """The processes and all below them."""
    return [each for root in roots for each in tree(root.pid)]
