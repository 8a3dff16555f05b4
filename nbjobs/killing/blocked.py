"""Where a call is blocked, in words."""

from __future__ import annotations

from pathlib import Path
from types import FrameType

from . import codes
from .gate import OPEN, Gate
from .looks import Look
from .safepoint import is_library
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
    top = look.frames[0]
    called = codes.call_at(top.f_code, look.offset)
    what = f"{called}() called at" if called else "running at"
    text = f"{what} {_place(_user_frame(look.frames))}"
    return f"cleanup: {text}" if unwinding(gate) else text


def _user_frame(frames: list[FrameType]) -> FrameType:
    for frame in frames:
        if not is_library(frame.f_code.co_filename):
            return frame
    return frames[0]


def _place(frame: FrameType) -> str:
    code = frame.f_code
    return f"{Path(code.co_filename).name}:{frame.f_lineno} in {code.co_name}"
