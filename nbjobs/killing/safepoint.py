"""Where a thread may be interrupted without leaving something held or half-made for ever.

A lock taken by hand, a queue's bookkeeping, an import or a context manager's entry are torn apart
by an exception at the wrong instruction. A kill looks at the stack first, and only injects while
no such code is under way. The check and the injection must happen in one slice of the interpreter
lock: the position is looked at again, in a microsecond, right before the injection.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import queue
import subprocess
import sysconfig
import threading
import weakref
from concurrent import futures
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FrameType, MethodWrapperType
from typing import Any

from . import codes

WAIT = threading.Condition.wait.__code__
_START = threading.Thread.start.__code__

#: Calls that hand out something which nobody releases if it is not stored.
_ACQUIRING = frozenset(
    [
        "acquire",
        "acquire_lock",
        "__enter__",
        "_acquireLock",
        "lock",
        "open",
        "mkstemp",
        "mkdtemp",
        "dup",
        "dup2",
        "pipe",
        "fork",
        "forkpty",
        "openpty",
        "socketpair",
        "fork_exec",
        "_fork_exec",
        "posix_spawn",
        "posix_spawnp",
        "start_new_thread",
    ]
)
#: Functions that take or give back something, wherever they are defined.
_PLUMBING = frozenset(
    [
        "__enter__",
        "__exit__",
        "__aenter__",
        "__aexit__",
        "acquire",
        "release",
        "__del__",
        "_remove",
        "close",
        "_acquireLock",
        "_releaseLock",
        "createLock",
        "_execute_child",
    ]
)
#: In these files every function counts, but for the ones that only call what others wrote.
_GUARDED = {
    threading.__file__: frozenset({"run", "_bootstrap", "_bootstrap_inner"}),
    queue.__file__: frozenset(),
    contextlib.__file__: frozenset({"inner"}),
    weakref.__file__: frozenset(),
    # By name: importing it is not cheap, and it need not be there.
    str(Path(threading.__file__).with_name("tempfile.py")): frozenset(),
}
_CALLERS = frozenset({"_worker", "run", "result_iterator", "map"})
_FUTURES = str(Path(futures.__file__).parent)
_LOGGING = str(Path(logging.__file__).parent)
_OURS = str(Path(__file__).parents[1])
_STDLIB = sysconfig.get_paths()["stdlib"]
_SITE = (sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"])
_POPEN_INIT = subprocess.Popen.__init__.__code__

SAFE, GUARDED, LIKELY, CALLER, OURS, LIBRARY, IMPORTING = range(7)
_kinds: dict[int, tuple[CodeType, int]] = {}


def kind(code: CodeType) -> int:
    """What a function's being on the stack means."""
    found = _kinds.get(id(code))
    if found is None:
        if len(_kinds) >= 8192:
            _kinds.clear()
        found = _kinds[id(code)] = (code, _classify(code))
    return found[1]


def _classify(code: CodeType) -> int:
    file, name = code.co_filename, code.co_name
    if file.startswith("<frozen importlib") or "importlib/_bootstrap" in file or name == "__del__":
        return IMPORTING
    if file.startswith(_OURS):
        return OURS
    if file in _GUARDED:
        return CALLER if name in _GUARDED[file] else GUARDED
    if file.startswith(_FUTURES):
        return CALLER if name in _CALLERS else GUARDED
    if code is _POPEN_INIT or "/_weakrefset.py" in file:
        return GUARDED
    # Between its `fork` and its end, the child and a pipe are plain numbers that nobody owns.
    if name == "spawn" and "/ptyprocess/" in file:
        return GUARDED
    if name in _PLUMBING and "/asyncio/" not in file:
        return GUARDED
    if file.startswith(_LOGGING) or "/zmq/" in file or "/ipykernel/" in file:
        return LIKELY
    return LIBRARY if is_library(file) else SAFE


def is_library(file: str) -> bool:
    """Whether a file is Python's own, an installed package's or ours, rather than the user's."""
    return file.startswith(("<frozen ", _STDLIB, _OURS, *_SITE))


def waiting(frame: FrameType) -> bool:
    """Whether the frame waits in a Condition: then an exception undoes the wait properly."""
    return (
        frame.f_code is WAIT
        and codes.call_at(WAIT, frame.f_lasti) == "acquire"
        and "waiter" in frame.f_locals
    )


def name_of_call(frame: FrameType) -> str:
    """The name of what the frame is calling at the moment; empty if it is not calling."""
    builtin = _called_builtin(frame) if kind(frame.f_code) == OURS else ""
    return builtin or codes.call_at(frame.f_code, frame.f_lasti)


def _called_builtin(frame: FrameType) -> str:
    """The true name of the function written in C that a local variable names and a call calls."""
    called: Any = frame.f_locals.get(codes.call_at(frame.f_code, frame.f_lasti))
    while isinstance(called, functools.partial):
        called = called.func
    builtin = isinstance(called, BuiltinFunctionType | MethodWrapperType | type)
    return str(called.__name__) if builtin else ""


def unsafe_because(frames: list[FrameType], *, patient: bool = True) -> str:
    """Why the call must not be interrupted now; empty if it may.

    Args:
        frames: The call's frames, innermost first.
        patient: Whether to wait also for the end of code that is only likely to hold something,
            as logging or a kernel's output does between its own `acquire` and `release`.
    """
    if not frames:
        return "it is not in its call"
    top = frames[0]
    in_wait = waiting(top)
    if not in_wait:
        called = name_of_call(top)
        if called in _ACQUIRING:
            return f"{called}() is in progress"
        if codes.read(top.f_code).skips_handler(top.f_lasti):
            return "a handler would be skipped"
    elif any(frame.f_code is _START for frame in frames[:3]):
        # Before Python 3.12 a new thread has its starter's ident until it first runs, and is the
        # one that an injection finds: it would die before anybody could know that it had begun.
        return "a thread is being started"
    return unsafe_frame(frames, in_wait=in_wait, patient=patient)


def unsafe_frame(frames: list[FrameType], *, in_wait: bool, patient: bool = True) -> str:
    """Which function on the stack must not be interrupted; empty if all may be.

    Args:
        frames: The call's frames, innermost first.
        in_wait: Whether the innermost waits in a Condition.
        patient: As for `unsafe_because`.
    """
    # At the bottom, ours only make the call; such a frame matters when nothing is above it.
    bottom = len(frames)
    while bottom and kind(frames[bottom - 1].f_code) == OURS:
        bottom -= 1
    if not bottom:
        # Unless it is in the call it was to make, of a function without a frame.
        return "" if _called_builtin(frames[0]) else "nbjobs' own code runs"
    foreign = in_wait
    for depth, frame in enumerate(frames[:bottom]):
        what = kind(frame.f_code)
        if what == SAFE:
            foreign = True
        elif (
            what == IMPORTING
            or (what == GUARDED and not in_wait)
            or (what == LIKELY and patient and not in_wait)
            or (what == CALLER and depth == 0)
            or (what == OURS and not foreign)
        ):
            return f"{frame.f_code.co_name}() is in progress"
    return ""
