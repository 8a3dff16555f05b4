"""Errors of jobs as text, without our own frames, and without ever failing on a strange one."""

from __future__ import annotations

import os
import sysconfig
import traceback
from types import TracebackType

_OURS = os.path.dirname(__file__) + os.sep
_LIBRARIES = (_OURS, "<frozen ", *{sysconfig.get_path(name) for name in ("stdlib", "purelib")})


def without_our_frames(error: BaseException) -> TracebackType | None:
    """The traceback of `error` from the first frame that is not nbjobs' own.

    If every frame is ours the traceback is left whole: it shows a fault of nbjobs.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_OURS):
        trace = trace.tb_next
    return trace if trace is not None else error.__traceback__


def cut_off(error: BaseException) -> TracebackType | None:
    """The traceback of an `error` that was raised from outside: the user's frames only.

    At both ends there may be frames of ours: what called the user's code, and what woke it.
    """
    traces = []
    trace = error.__traceback__
    while trace is not None:
        traces.append(trace)
        trace = trace.tb_next
    theirs = [t for t in traces if not t.tb_frame.f_code.co_filename.startswith(_OURS)]
    if not theirs:
        return None
    theirs[-1].tb_next = None
    return theirs[0]


def place(trace: TracebackType | None) -> str:
    """Where a traceback ends in the user's own code, as `at line 3 in fetch`.

    If all of it lies in libraries, where it ends; nothing if there is no traceback.
    """
    if trace is None:
        return ""
    frames = [(t.f_code, line) for t, line in traceback.walk_tb(trace)]
    own = [frame for frame in frames if not frame[0].co_filename.startswith(_LIBRARIES)]
    code, line = (own or frames)[-1]
    return f"at line {line}" + ("" if code.co_name == "<module>" else f" in {code.co_name}")


def error_text(error: BaseException) -> str:
    """`ValueError: what it says`; says so when the error cannot be turned into text.

    This runs the error's `__str__`, the user's code: call it where that may take its time.
    """
    name = type(error).__name__
    try:
        message = str(error)
    except Exception as broken:
        message = f"<its message cannot be shown: __str__ raised {type(broken).__name__}>"
    return f"{name}: {message}" if message else name


def render(error: BaseException) -> str:
    """The whole traceback of `error` as the interpreter would print it."""
    return "".join(traceback.format_exception(error)).rstrip("\n")


def render_safely(error: BaseException) -> str:
    """The traceback of an error that cannot be rendered whole: where it was, and its type."""
    where = "".join(traceback.format_tb(error.__traceback__))
    return f"Traceback (most recent call last):\n{where}{error_text(error)}"
