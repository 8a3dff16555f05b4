"""Tracebacks without the frames that run a call."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

_HERE = str(Path(__file__).parent)


def strip(error: BaseException) -> None:
    """Take this package's frames off both ends of the traceback.

    They say nothing to a user, and the outermost hold the outcome, which holds the error: a cycle
    that would keep the call's frames alive.
    """
    trace = error.__traceback__
    while trace is not None and _is_ours(trace):
        trace = trace.tb_next
    error.__traceback__ = last = trace
    while trace is not None:
        if not _is_ours(trace):
            last = trace
        trace = trace.tb_next
    if last is not None:
        last.tb_next = None


def _is_ours(trace: TracebackType) -> bool:
    return trace.tb_frame.f_code.co_filename.startswith(_HERE)
