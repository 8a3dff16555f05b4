"""What the code of a job starts belongs to the job, too.

A new thread begins in an empty context, so the job that `nbjobs.context.current` names would be
forgotten in it. While installed, this module hands that one variable, and no other, to

- threads that the code of a job starts (`threading.Timer` included), for their whole life;
- calls it submits to a `ThreadPoolExecutor`, for the length of the call. The pool's own threads
  belong to nobody: the next call in them may be someone else's.

A forked child belongs to no job. `ServiceThread`s are left alone.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextvars import ContextVar
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from .context import current
from .patches import Patch
from .threads import ServiceThread

Runner = Callable[[Any, Callable[[], Any]], Any]


def _plainly(_job: Any, call: Callable[[], Any]) -> Any:
    return call()


_runner: Runner = _plainly

#: Parts of the names of files whose daemon threads, or all threads, are not the job's alone.
_PACKAGES = ("site-packages", "dist-packages")
_ASYNCIO = os.sep + "asyncio" + os.sep

# Guards the tables below. Held for a few dictionary operations only.
_lock = threading.Lock()
_threads: WeakKeyDictionary[Any, WeakSet[threading.Thread]] = WeakKeyDictionary()
_barred: WeakKeyDictionary[Any, float] = WeakKeyDictionary()

# A pool starts its threads from within `submit`, in the context of whoever submits.
_submitting: ContextVar[bool] = ContextVar("nbjobs_submitting", default=False)


def run_calls_with(runner: Runner | None) -> None:
    """Have inherited code run as `runner(job, call)`; None goes back to plain calls.

    The runner returns what the call returns and raises what it raises.
    """
    global _runner
    _runner = runner or _plainly


def threads_of(job: Any) -> list[threading.Thread]:
    """The live threads that code of `job` started, however indirectly."""
    with _lock:
        threads = list(_threads.get(job, ()))
    return [thread for thread in threads if thread.is_alive()]


def bar(job: Any) -> None:
    """Do not begin any call or thread that `job` has asked for so far: calls are cancelled instead.

    What it submits from now on, while it cleans up, is begun.
    """
    with _lock:
        _barred[job] = time.monotonic()


class _Inherited:
    """A call that runs as code of a job."""

    __slots__ = ("_call", "_job", "_made")

    def __init__(self, job: Any, call: Callable[..., Any]) -> None:
        self._job = job
        self._call = call
        self._made = time.monotonic()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        token = current.set(self._job)
        try:
            return _runner(self._job, lambda: self._begin(args, kwargs))
        finally:
            current.reset(token)

    def _begin(self, args: Any, kwargs: Any) -> Any:
        # Looked at only when the runner knows of the call: who bars it looks for it afterwards.
        if self._made <= _barred.get(self._job, 0.0):
            raise CancelledError("the job that submitted this call was killed")
        return self._call(*args, **kwargs)


def _wrap_submit(original: Callable[..., Any], patch: Patch) -> Callable[..., Any]:
    def submit(self: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **kw: Any) -> Any:
        job = current.get() if patch.active else None
        if job is None or not callable(fn):
            return original(self, fn, *args, **kw)
        token = _submitting.set(True)
        try:
            return original(self, _Inherited(job, fn), *args, **kw)
        finally:
            _submitting.reset(token)

    submit.__doc__ = original.__doc__
    return submit


def _wrap_start(original: Callable[[threading.Thread], None], patch: Patch) -> Callable[..., Any]:
    def start(self: threading.Thread) -> None:
        job = current.get() if patch.active else None
        if job is None or _submitting.get() or isinstance(self, ServiceThread):
            return original(self)
        # Started twice: the error is the original's to raise, and nothing of ours may change.
        if self.ident is not None:
            return original(self)
        undo = _adopt(self, job)
        try:
            return original(self)
        except Exception:
            # Not for a kill that comes while this waits for the thread to begin: it does begin.
            undo()
            raise

    start.__doc__ = original.__doc__
    return start


def _adopt(thread: threading.Thread, job: Any) -> Callable[[], None]:
    """Make `thread`, not started yet, run as code of `job`; returns what takes that back."""
    # On the instance, because subclasses have a `run` of their own. The thread takes it off
    # before it runs the body, so it does not keep itself alive through it.
    own = vars(thread).get("run")
    body = thread.run
    made = time.monotonic()
    runner = _plainly if _serves_others(thread) else _runner

    def undo() -> None:
        if own is None:
            vars(thread).pop("run", None)
        else:
            vars(thread)["run"] = own
        with _lock:
            _threads.get(job, WeakSet()).discard(thread)

    def begin() -> None:
        # Looked at only when the runner knows of the thread: who bars it looks for it afterwards.
        if runner is _plainly or made > _barred.get(job, 0.0):
            body()

    def run() -> None:
        if own is None:
            vars(thread).pop("run", None)
        else:
            vars(thread)["run"] = own
        current.set(job)
        try:
            runner(job, begin)
        except SystemExit:
            # Ends a thread in silence, says threading, but it means that class alone: for the
            # subclass that a kill raises it would print a traceback.
            return

    vars(thread)["run"] = run
    with _lock:
        _threads.setdefault(job, WeakSet()).add(thread)
    return undo


def _serves_others(thread: threading.Thread) -> bool:
    """Whether a thread serves whoever needs it, though a job happens to be the first.

    asyncio and many packages keep daemon threads for the whole process that are started on the
    first use. What such a thread prints may be the job's, but it must outlive the job.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file not in (__file__, threading.__file__):
            # asyncio waits for its threads in its own cleanup, so those are spared in any case.
            packaged = thread.daemon and any(part in file for part in _PACKAGES)
            return packaged or _ASYNCIO in file
        frame = frame.f_back
    return False


def _forget_in_child() -> None:
    global _lock
    # Another thread of the parent may have held it.
    _lock = threading.Lock()
    current.set(None)
    _threads.clear()
    _barred.clear()


_patches = (
    Patch(threading.Thread, "start", _wrap_start),
    Patch(ThreadPoolExecutor, "submit", _wrap_submit),
)
_watching_forks = False


def install() -> None:
    """Begin handing jobs on. Counted: `uninstall` as often to end it."""
    global _watching_forks
    for patch in _patches:
        patch.apply()
    # There is no way to unregister it; without jobs it finds nothing to do.
    if not _watching_forks and hasattr(os, "register_at_fork"):
        _watching_forks = True
        os.register_at_fork(after_in_child=_forget_in_child)


def uninstall() -> None:
    """Undo one `install`; the last one puts every original back."""
    for patch in reversed(_patches):
        patch.remove()
