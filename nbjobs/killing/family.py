"""What belongs to a job besides its own thread: its threads, pool calls and child processes."""

from __future__ import annotations

from .. import inheritance
from . import ownership
from .gate import OPEN, Gate, running
from .processes import Process, helpers, of_thread, ticks_at, tree


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
    found = of_thread(gate.native_id)
    if gate.until:
        # Looked at last: the thread may have begun another call, and that its own children.
        found = gate.left
    # The thread had other calls before. A start is known to a hundredth of a second only.
    begun, others = ticks_at(gate.since), ownership.processes_of_others(gate.owner)
    mine = {each for each in found if each.start >= begun and each.pid not in others}
    if not gate.started_by_job:
        mine |= {each for pid in ownership.processes_of(gate.owner) if (each := Process.of(pid))}
    spared = helpers()
    return [each for each in mine if each.pid not in spared]


def trees(roots: list[Process]) -> list[Process]:
    """The processes and all below them."""
    return [each for root in roots for each in tree(root.pid)]
