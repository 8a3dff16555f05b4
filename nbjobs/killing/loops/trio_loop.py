"""trio's event loop, and anyio's on top of it."""

from __future__ import annotations

import sys
from types import CodeType
from typing import Any

from .. import codes
from ..looks import Look
from .base import Loop


def find(look: Look) -> Loop | None:
    """The trio loop that the call runs, found in the frame that runs it."""
    trio = sys.modules.get("trio")
    if trio is None:
        return None
    for frame in look.frames:
        # The first runs tasks, the second waits for something to happen.
        if frame.f_code.co_name in ("unrolled_run", "run") and _is_trios(frame.f_code):
            runner = frame.f_locals.get("runner")
            if runner is not None:
                return _loop(trio, runner)
    return None


def _loop(trio: Any, runner: Any) -> Loop:
    def call(function: Any) -> bool:
        try:
            runner.entry_queue.run_sync_soon(function)
        except trio.RunFinishedError:
            return False
        return True

    def cancel() -> None:
        task = runner.main_task
        if task is not None and task.parent_nursery is not None:
            task.parent_nursery.cancel_scope.cancel()

    return Loop(
        name="trio",
        cancel=lambda: call(cancel),
        poke=lambda: call(lambda: None),
        cleaning=lambda: any(_in_handler(task) for task in list(runner.tasks)),
    )


def _is_trios(code: CodeType) -> bool:
    return "/trio/_core/" in code.co_filename


def _in_handler(task: Any) -> bool:
    coroutine = task.coro
    while coroutine is not None and getattr(coroutine, "cr_frame", None) is not None:
        frame = coroutine.cr_frame
        # trio's own coroutines and nurseries handle cancellation without being anyone's cleanup.
        if not _is_trios(frame.f_code) and codes.read(frame.f_code).in_handler(frame.f_lasti):
            return True
        coroutine = coroutine.cr_await
    return False
