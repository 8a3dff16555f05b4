"""Killing a thread that runs without a gate."""

from __future__ import annotations

import threading
import time
from weakref import WeakKeyDictionary

from ..exceptions import JobError
from .gate import CLOSED, OPEN, Gate, running
from .pursuit import kill
from .result import KillResult

_POLL = 0.002


class ThreadGate(Gate):
    """Stands in for the gate that a thread began without: the thread's life is the call.

    There is nobody to close it before the thread's own closing code runs, so it relies on the
    look at the stack alone, which never sends outside the thread's `run`.
    """

    __slots__ = ("_thread",)

    def __init__(self, thread: threading.Thread) -> None:
        self._thread = thread
        super().__init__()
        self.ident = thread.ident or 0
        self.native_id = thread.native_id or 0
        self.whole_thread = True

    @property
    def signal(self) -> type[BaseException]:
        """SystemExit itself, the one class that `threading.excepthook` is silent for."""
        return SystemExit

    def is_mine(self, error: BaseException | None) -> bool:
        """Whether `error` ends the thread in the same way as ours."""
        return isinstance(error, SystemExit) or super().is_mine(error)

    @property
    def phase(self) -> str:
        """OPEN as long as the thread lives."""
        return OPEN if self._thread.is_alive() else CLOSED

    @phase.setter
    def phase(self, value: str) -> None:
        """Nothing to set: the thread knows."""


_gates: WeakKeyDictionary[threading.Thread, ThreadGate] = WeakKeyDictionary()
_lock = threading.Lock()


def kill_foreign_thread(
    thread: threading.Thread, *, grace: float = 5.0, force: bool = False
) -> KillResult:
    """End any thread of this process; for a job's thread, the call that it runs.

    Args:
        thread: A thread that was started through `threading`.
        grace: The longest time in seconds to wait for its end; 0 to return at once.
        force: Interrupt shields, cleanup and code that holds something, too.

    Returns:
        KILLED, PENDING (it has not ended yet; the kill goes on) or TOO_LATE (it had ended by
        itself before anything reached it).

    Raises:
        TypeError: `thread` is no thread.
        JobError: It has not been started, has ended, is the main thread, or was not started
            through `threading`, so that nothing tells when it ends.
    """
    _check(thread)
    gate = running.get(thread.ident or 0) or _gate_of(thread)
    kill(gate, force=force)
    if thread is not threading.current_thread():
        _wait(gate, grace)
    if gate.phase != CLOSED:
        return KillResult.PENDING
    return KillResult.KILLED if gate.sent or gate.woken else KillResult.TOO_LATE


def _check(thread: threading.Thread) -> None:
    if not isinstance(thread, threading.Thread):
        raise TypeError(f"only a thread can be killed here, not {type(thread).__name__}")
    if thread is threading.main_thread():
        raise JobError("the main thread cannot be killed; interrupt it instead (Ctrl-C)")
    if isinstance(thread, threading._DummyThread):
        raise JobError(
            f"{thread.name} was not started through threading, so it cannot be killed safely: "
            "nothing tells when it ends"
        )
    if thread.ident is None:
        raise JobError(f"{thread.name} has not been started, so there is nothing to kill")
    if not thread.is_alive():
        raise JobError(f"{thread.name} has ended already")


def _gate_of(thread: threading.Thread) -> ThreadGate:
    with _lock:
        gate = _gates.get(thread)
        if gate is None:
            gate = _gates[thread] = ThreadGate(thread)
        return gate


def _wait(gate: Gate, grace: float) -> None:
    end = time.monotonic() + grace
    while gate.phase != CLOSED and time.monotonic() < end:
        time.sleep(_POLL)
