"""One attempt to interrupt a call: look, inject, wake."""

from __future__ import annotations

from .gate import Gate
from .looks import Look
from .safepoint import unsafe_because
from .sleeping import builtin_sleep
from .stacks import top_frame
from .wakers import wake
from .wakers.children import ChildWaker, waits_in_exit

#: Long enough to give up the interpreter lock and get it back with a whole slice before us: only
#: threads that began to wait for it after that can ask for it, and not before the slice is over.
_FRESH_SLICE = 0.00001


def interrupt(gate: Gate) -> bool:
    """Inject the kill where that does no harm, and wake the call if it is blocked.

    Returns:
        Whether it was injected.
    """
    builtin_sleep(_FRESH_SLICE)
    look = Look.at(gate)
    if not look.frames:
        return False
    if gate.forced:
        sent = gate.send()
    elif unsafe_because(look.frames):
        release_exit(look)
        return False
    else:
        # The first check of a new piece of code is slow: the thread may have moved on meanwhile.
        sent = gate.send(lambda: _still_there(look))
    if sent:
        gate.ring()
        wake(look)
    return sent


def release_exit(look: Look) -> None:
    """End the child process that a `with Popen(...)` block waits for, if one is being left.

    Such an exit does not ask the process to end: without this, cleanup could take for ever.
    """
    if waits_in_exit(look) and ChildWaker().wake(look):
        look.gate.woken = True


def _still_there(look: Look) -> bool:
    frame = top_frame(look.gate)
    return frame is look.frames[0] and frame.f_lasti == look.offset
