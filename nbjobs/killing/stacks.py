"""The Python stack of a gate's call, seen from another thread."""

from __future__ import annotations

import threading
from types import FrameType

from .gate import Gate
from .threadstates import current_frames

ENTER = Gate.enter.__code__
_BOOTSTRAP = {
    threading.Thread._bootstrap.__code__,  # type: ignore[attr-defined]
    threading.Thread._bootstrap_inner.__code__,  # type: ignore[attr-defined]
}


def top_frame(gate: Gate) -> FrameType | None:
    """The innermost frame of the gate's thread; None when the thread has ended."""
    return current_frames().get(gate.ident)


def frames_of(gate: Gate) -> list[FrameType]:
    """The frames of the gate's call, innermost first; empty when the thread is not in it.

    A call of something that has no frames, a function written in C, shows as the gate's own frame.
    """
    frames: list[FrameType] = []
    frame = top_frame(gate)
    while frame is not None:
        code = frame.f_code
        if code is ENTER and frame.f_locals.get("self") is gate:
            return frames or [frame]
        if code in _BOOTSTRAP:
            # A thread without a gate: everything above its bootstrap is the call.
            return frames if gate.whole_thread else []
        frames.append(frame)
        frame = frame.f_back
    return []
