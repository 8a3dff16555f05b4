"""Where a call is blocked, in words."""

from __future__ import annotations

from pathlib import Path
from types import FrameType

from . import systemcalls
from .gate import OPEN, Gate
from .looks import Look
from .safepoint import OURS, is_library, kind, name_of_call
from .unwinding import unwinding


def blocked_in(gate: Gate) -> str | None:
    """Where the gate's call is now; None when it is not running.

    Names the innermost call, the system call where that can be told, and the line of the user's
    own code that led there: `recv() [recvfrom] called at fetch.py:12 in download`.
    """
    if gate.phase != OPEN:
        return None
    look = Look.at(gate)
    if not look.frames:
        return None
    call = systemcalls.call_of(gate.native_id)
    what = _what(look, call)
    place = place_of(_user_frame(look.frames))
    if kind(look.frames[0].f_code) == OURS and what:
        text = what
    else:
        text = f"{what} called at {place}" if what else f"running at {place}"
    return f"cleanup: {text}" if unwinding(gate) else text


def _what(look: Look, call: systemcalls.SystemCall | None) -> str:
    top = look.frames[0]
    called = name_of_call(top)
    if not called:
        return ""
    # A thread that only waits for its turn to run Python is in such a call, too.
    name = call.name or f"system call {call.number}" if call is not None else ""
    return f"{called}() [{name}]" if name else f"{called}()"


def _user_frame(frames: list[FrameType]) -> FrameType:
    for frame in frames:
        if not is_library(frame.f_code.co_filename):
            return frame
    return frames[0]


def innermost(frames: list[FrameType]) -> str | None:
    """The last of these frames, the outermost first, that is the user's; None if there is none."""
    theirs = [frame for frame in frames if not is_library(frame.f_code.co_filename)]
    return place_of(theirs[-1]) if theirs else None


def user_place(top: FrameType) -> str:
    """The line of the user's own code that a stack, `top` its innermost frame, has come to."""
    frames: list[FrameType] = []
    frame: FrameType | None = top
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return place_of(_user_frame(frames))


def place_of(frame: FrameType) -> str:
    """A frame's file, line and function."""
    code = frame.f_code
    return f"{Path(code.co_filename).name}:{frame.f_lineno} in {code.co_name}"
