"""Raising the kill in the thread itself, at a place of our choice (Python 3.12 and later).

`sys.monitoring` calls back before single instructions of the code that a thread is running. The
callback runs in that thread, so what it raises is raised there and then: nothing is ever pending,
nothing can arrive late, and no handler is skipped as long as it raises at a loop's first
instruction, before a call or at the start of a function (never at a jump or a no-op).

Code that swallows every kill is raised it once more where the `except` clause that has caught one
ends, so that the clause does its work and yet does not win; failing that, where it begins.

Only the code objects on the stack of a thread that is being killed are watched, and only until it
has been caught; nothing else is slowed down.
"""

from __future__ import annotations

import sys
import threading
from types import CodeType, FrameType
from typing import Any

from . import clauses, codes
from .gate import OPEN, Gate
from .safepoint import GUARDED, IMPORTING, OURS, kind, unsafe_frame
from .stacks import ENTER
from .unwinding import carries_kill, is_cleaning

#: Calls that give something back: to be killed right before them would keep it for ever.
_RELEASING = frozenset(
    {"release", "close", "__exit__", "pop", "discard", "remove", "unlock", "commit", "rollback"}
    | {"cleanup", "terminate", "kill", "unlink", "shutdown", "clear", "_release", "set", "join"}
)
#: So many kills of one call may be swallowed before the clause that swallows is made to raise, ...
SWALLOWED = 12
#: ... and so many until it is at its beginning: it may end by a jump, where nothing can be raised.
_STUBBORN = SWALLOWED + 6
_TOOL_NAME = "nbjobs"
_CANDIDATES = (4, 3)

# Guards what follows, and every change of the events that are watched. The callbacks only read
# `_caught`, whose single operations are atomic.
_lock = threading.Lock()
_caught: dict[int, Gate] = {}
_watched: dict[Gate, tuple[list[CodeType], int]] = {}
_tool: int | None = None

_monitoring: Any = None
if sys.version_info >= (3, 12):
    _monitoring = sys.monitoring
    _LOOPS = sys.monitoring.events.INSTRUCTION
    _CALLS = sys.monitoring.events.CALL | sys.monitoring.events.PY_START
else:
    _LOOPS = _CALLS = 0


def available() -> bool:
    """Whether this Python can set traps, and no one else occupies what is needed for it."""
    if _monitoring is None:
        return False
    return _tool is not None or any(_monitoring.get_tool(each) is None for each in _CANDIDATES)


def arm(gate: Gate, frames: list[FrameType], *, calls: bool) -> bool:
    """Catch the gate's thread at the next loop or, with `calls`, call in the code it runs.

    Returns:
        Whether anything could be watched.
    """
    global _tool
    # From the outside in, up to what must not be interrupted.
    watch: list[CodeType] = []
    for frame in reversed(frames):
        what = kind(frame.f_code)
        if what in (GUARDED, IMPORTING):
            break
        if what != OURS:
            watch.append(frame.f_code)
    # Read here: it would keep the thread that is caught busy for milliseconds.
    for code in watch:
        _read_ahead(code)
    with _lock:
        if _tool is None:
            _tool = _occupy()
        if not watch or _tool is None:
            _forget(gate)
            return False
        before = _watched.get(gate)
        _watched[gate] = (watch, _LOOPS | (_CALLS if calls else 0))
        _caught[gate.ident] = gate
        _update(watch + (before[0] if before else []))
    return True


def stays(gate: Gate) -> bool:
    """Whether the trap is to stay while the kill is injected: its last ones were swallowed."""
    return gate.sent >= SWALLOWED and available() and not gate.forced


def disarm(gate: Gate) -> None:
    """Let the gate's thread go."""
    with _lock:
        _forget(gate)


def _forget(gate: Gate) -> None:
    """With the lock held."""
    global _tool
    if _caught.get(gate.ident) is gate:
        del _caught[gate.ident]
    before = _watched.pop(gate, None)
    if before is not None:
        _update(before[0])
    if not _watched and _tool is not None:
        _monitoring.free_tool_id(_tool)
        _tool = None


def _update(changed: list[CodeType]) -> None:
    """With the lock held: watch in each code object what some gate wants to be watched."""
    # By identity: equal code objects of different functions are different here.
    wanted = {id(code): 0 for code in changed}
    for watch, events in _watched.values():
        for code in watch:
            if id(code) in wanted:
                wanted[id(code)] |= events
    for code in changed:
        if _monitoring.get_local_events(_tool, code) != wanted[id(code)]:
            _monitoring.set_local_events(_tool, code, wanted[id(code)])


def _occupy() -> int | None:
    for tool in _CANDIDATES:
        if _monitoring.get_tool(tool) is None:
            _monitoring.use_tool_id(tool, _TOOL_NAME)
            events = _monitoring.events
            _monitoring.register_callback(tool, events.INSTRUCTION, _at_instruction)
            _monitoring.register_callback(tool, events.CALL, _at_call)
            _monitoring.register_callback(tool, events.PY_START, _at_start)
            return tool
    return None


def _at_instruction(code: CodeType, offset: int) -> None:
    gate = _caught.get(threading.get_ident())
    if gate is None:
        return
    if offset in codes.read(code).loop_heads:
        _spring(gate, sys._getframe(1))
    elif gate.sent >= SWALLOWED:
        _overrule(gate, code, offset)


def _at_call(code: CodeType, offset: int, called: object, argument: object) -> None:
    gate = _caught.get(threading.get_ident())
    if gate is not None and getattr(called, "__name__", "") not in _RELEASING:
        _spring(gate, sys._getframe(1))


def _at_start(code: CodeType, offset: int) -> None:
    gate = _caught.get(threading.get_ident())
    if gate is not None:
        _spring(gate, sys._getframe(1))


def _overrule(gate: Gate, code: CodeType, offset: int) -> None:
    """Raise the kill in the `except` clause that has caught one and is about to swallow it."""
    stubborn = gate.sent >= _STUBBORN and offset in clauses.starts(code)
    if not stubborn and offset not in clauses.ends(code):
        return
    if carries_kill(sys.exception(), gate) and not _forbidden(gate, sys._getframe(2)):
        gate.sent += 1
        raise gate.signal


def _read_ahead(code: CodeType) -> None:
    assert codes.read(code).loop_heads is not None
    clauses.ends(code)


def _forbidden(gate: Gate, frame: FrameType | None) -> bool:
    """Whether the gate's thread, in `frame`, is where nothing may be raised."""
    frames: list[FrameType] = []
    while frame is not None and frame.f_code is not ENTER:
        frames.append(frame)
        frame = frame.f_back
    return gate.phase != OPEN or gate.shielded or bool(unsafe_frame(frames, in_wait=False))


def _spring(gate: Gate, frame: FrameType | None) -> None:
    """Raise the kill here, in the thread itself, unless this is no place for it."""
    if _forbidden(gate, frame) or is_cleaning(sys.exception(), gate):
        return
    # It goes on to watch what swallows it.
    if gate.sent < SWALLOWED and _caught.pop(gate.ident, None) is None:
        return
    gate.sent += 1
    raise gate.signal
