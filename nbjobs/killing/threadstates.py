"""What CPython tells of all threads at once.

Before 3.11.9 these two functions can hang the whole process (cpython#106883): they hold the lock of
the list of threads while they build a dict, which may start a garbage collection; if that runs
Python code it may give the interpreter lock to a thread that then waits for the list of threads,
as each does that begins or ends. So there the collector is switched off for the moment of the call.
3.12 collects only between bytecodes.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")


def _uncollected(call: Callable[[], T]) -> T:
    if not gc.isenabled():
        return call()
    gc.disable()
    try:
        return call()
    finally:
        gc.enable()


def _as_it_is(call: Callable[[], T]) -> T:
    return call()


_safely = _uncollected if sys.version_info < (3, 11, 9) else _as_it_is


def current_frames() -> dict[int, FrameType]:
    """The innermost frame of each thread, by thread ident."""
    return _safely(sys._current_frames)


def current_exceptions() -> dict[int, Any]:
    """The error that each thread is handling, by thread ident; a tuple with it in 3.11."""
    return _safely(sys._current_exceptions)
