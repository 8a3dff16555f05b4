"""`redirect_stdout`, `capture_output` and `%%capture`, each for the code that used it.

They replace `sys.stdout` for the whole process. Used in a job, they are made to redirect that job
alone, all its threads included. Used in the user's own code they still replace `sys.stdout`, but
with a stream that sends job text to jobs.
"""

from __future__ import annotations

import contextlib
import io
import sys
from typing import Any

from ..context import current
from ..patches import Patches
from .streams import Routed, proxied, target_in

STREAMS = ("stdout", "stderr")


def install(patches: Patches) -> None:
    """Replace the entry and exit of the three context managers."""
    _redirections(patches)
    _capture_output(patches)


def _redirections(patches: Patches) -> None:
    cls = contextlib._RedirectStream
    own_enter, own_exit = cls.__enter__, cls.__exit__
    entered = "_nbjobs_entered"

    def enter(self: Any) -> Any:
        # One object can be entered again and again: a stack of the jobs, None for no job.
        job = current.get() if patches.active and self._stream in STREAMS else None
        vars(self).setdefault(entered, []).append(job)
        if job is not None:
            push(job, self._stream, self._new_target)
            return self._new_target
        target = own_enter(self)
        if patches.active and self._stream in STREAMS:
            setattr(sys, self._stream, proxied(target, self._stream))
        return target

    def leave(self: Any, *error: Any) -> Any:
        # Nothing is there if it was entered before we were installed.
        stack = vars(self).get(entered)
        job = stack.pop() if stack else None
        if job is not None:
            pop(job, self._stream)
            return None
        return own_exit(self, *error)

    patches.replace(cls, "__enter__", enter)
    patches.replace(cls, "__exit__", leave)


def _capture_output(patches: Patches) -> None:
    from IPython.utils.capture import CapturedIO, capture_output

    own_enter, own_exit = capture_output.__enter__, capture_output.__exit__
    entered = "_nbjobs_job"

    def enter(self: Any) -> Any:
        job = current.get() if patches.active else None
        if job is None:
            captured = own_enter(self)
            if patches.active:
                for name in STREAMS:
                    if getattr(self, name):
                        setattr(sys, name, proxied(getattr(sys, name), name))
            return captured
        vars(self)[entered] = job
        texts = {name: io.StringIO() if getattr(self, name) else None for name in STREAMS}
        for name, text in texts.items():
            if text is not None:
                push(job, name, text)
        displays: list[dict[str, Any]] | None = [] if self.display else None
        if displays is not None:
            job.recorder.redirects.setdefault("display", []).append(displays)
        return CapturedIO(texts["stdout"], texts["stderr"], displays)

    def leave(self: Any, *error: Any) -> Any:
        job = vars(self).pop(entered, None)
        if job is None:
            return own_exit(self, *error)
        for name in STREAMS:
            if getattr(self, name):
                pop(job, name)
        if self.display:
            pop(job, "display")
        return None

    patches.replace(capture_output, "__enter__", enter)
    patches.replace(capture_output, "__exit__", leave)


def push(job: Any, name: str, target: Any) -> None:
    """Redirect the job's stream `name` to `target`."""
    if not isinstance(target, Routed | None) and not hasattr(target, "write"):
        raise TypeError(f"cannot redirect {name} to {type(target).__name__}: it has no write()")
    resolved = target_in(job, target)
    job.recorder.redirects.setdefault(name, []).append(resolved)


def pop(job: Any, name: str) -> None:
    """End the newest redirection of the job's stream `name`."""
    job.recorder.redirects[name].pop()
