"""One attempt to interrupt a call: look, inject, wake."""

from __future__ import annotations

from .gate import Gate
from .looks import Look
from .safepoint import unsafe_because
from .sleeping import builtin_sleep
from .stacks import top_frame
from .wakers import wake

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
    else:
        if unsafe_because(look.frames):
            return False
        # The first check of a new piece of code is slow: the thread may have moved on meanwhile.
        sent = gate.send(lambda: _still_there(look))
    if sent:
        gate.ring()
        wake(look)
    return sent


def _still_there(look: Look) -> bool:
    frame = top_frame(look.gate)
    return frame is look.frames[0] and frame.f_lasti == look.offset
