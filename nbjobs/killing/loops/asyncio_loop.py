"""asyncio's event loop, and those that are built on it."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .. import codes
from ..looks import Look
from .base import Loop

if TYPE_CHECKING:
    import asyncio

_RUNNING = frozenset({"run_forever", "_run_once", "run_until_complete"})


def find(look: Look) -> Loop | None:
    """The asyncio loop that the call runs, found in the frames that run it."""
    # Importing it is not cheap, and where it runs it has been imported.
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return None
    loop: Any = None
    for frame in look.frames:
        if "asyncio" not in frame.f_code.co_filename or frame.f_code.co_name not in _RUNNING:
            continue
        names = frame.f_locals
        if loop is None:
            loop = names.get("self")
        if frame.f_code.co_name == "run_until_complete" and names["self"] is loop:
            task = names.get("future")
            return _loop(names["self"], task if isinstance(task, asyncio.Future) else None)
    return _compiled(look) if loop is None else _loop(loop, None)


def _compiled(look: Look) -> Loop | None:
    """A loop written in C, as uvloop's is, which has no frames: the frame that runs it names it."""
    asyncio = sys.modules["asyncio"]
    for frame in look.frames:
        code = frame.f_code
        if _RUNNING.isdisjoint(code.co_names) or codes.call_at(code, frame.f_lasti) not in _RUNNING:
            continue
        names = frame.f_locals
        task = names.get("task")
        # The second is asyncio's own Runner.
        for loop in (*list(names.values()), getattr(names.get("self"), "_loop", None)):
            if isinstance(loop, asyncio.AbstractEventLoop) and loop.is_running():
                return _loop(loop, task if isinstance(task, asyncio.Future) else None)
    return None


def _loop(loop: asyncio.AbstractEventLoop, task: asyncio.Future[Any] | None) -> Loop:
    def call(function: Any) -> bool:
        try:
            loop.call_soon_threadsafe(function)
        except RuntimeError:
            return False  # Closed: the call is about to go on by itself.
        return True

    return Loop(
        name="asyncio",
        cancel=lambda: task is not None and call(task.cancel),
        poke=lambda: call(lambda: None),
        cleaning=lambda: _cleaning(loop),
    )


def _cleaning(loop: asyncio.AbstractEventLoop) -> bool:
    module = sys.modules["asyncio"]
    tasks: set[asyncio.Task[Any]] = set()
    # The set of all tasks may change under our hands; the next look is a moment away.
    with suppress(RuntimeError):
        tasks = module.all_tasks(loop)
    return any(task.cancelling() and _in_handler(task.get_coro()) for task in tasks)


def _in_handler(coroutine: Any) -> bool:
    """Whether a suspended coroutine, or one it awaits, is inside an `except` or `finally`."""
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None)
        if frame is None:
            return False
        if codes.read(frame.f_code).in_handler(frame.f_lasti):
            return True
        coroutine = getattr(coroutine, "cr_await", None)
    return False
