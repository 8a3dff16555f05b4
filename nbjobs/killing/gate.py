"""The gate between a thread that runs a call and those who want to kill it.

Guarantees, for one run of one call on a thread that lives on afterwards:

- An exception is injected only while the call runs. It never reaches the thread's own code, nor
  the next call that the thread runs.
- A kill asked for before the call starts is honoured: the call never starts.
- A kill is never attributed to another run: each gate has an exception class of its own.
- When `run` returns, nothing is pending in the thread and nothing more can be sent.

How. The gate goes IDLE, OPEN, CLOSED, once. Killers inject only while they hold the lock and see
OPEN. The worker closes the gate as soon as the call is over, then takes the lock once, to wait for
a killer that had seen OPEN just before, then withdraws what that killer may have left pending.
At most two injections can still arrive after CLOSED (one that was pending, one from the killer
inside its critical section), so the closing stands in three nested `finally` blocks: whatever
bytecodes are hit, one of the three runs to its end. There is no loop after the call: since 3.11 an
exception that arrives at a loop's back edge is charged to the instruction before the loop's head,
and can bypass the `try` around it (cpython#108214).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import CodeType
from typing import Any, ClassVar, Generic, TypeVar

from .asyncexc import inject, withdraw
from .processes import Process, of_thread
from .trimming import strip

T = TypeVar("T")

IDLE, OPEN, CLOSED = "idle", "open", "closed"

#: The innermost gate that each thread runs, by thread ident. A thread changes its own entry only.
running: dict[int, Gate] = {}


class KillSignal(SystemExit):
    """What is raised in a thread that is to end.

    A SystemExit, because `except Exception` misses it, `threading.excepthook` is silent for it,
    and asyncio lets it through at once, where it swallows other BaseExceptions.
    """

    gate: ClassVar[Gate]


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """How a call ended: with a `value`, or with an `error`."""

    value: T | None = None
    error: BaseException | None = None


class Gate:
    """Runs one call in such a way that it can be killed.

    Attributes:
        owner: Whose call it is (a job); the gate only carries it.
        phase: IDLE, OPEN or CLOSED.
        ident: The worker's thread ident; 0 before `run`.
        native_id: Its number with the operating system; 0 before `run`.
        requested: Whether a kill was asked for.
        sent: How many times the exception was injected.
        woken: Whether a blocking call was cut short, so that an error may follow from that.
        cut: Where (code and offset) a blocking call was last cut short without an injection.
        depth: How many shields the call stands in.
        forced: Whether shields, cleanup and safe points are to be ignored.
        unshielded: Whether shields have held the kill off for long enough.
        pursuit: What sees to it that the kill succeeds; None if nothing does (yet).
        since: `time.monotonic()` when `run` began; 0.0 before.
        until: The same when the call was over; 0.0 before.
        left: The child processes that the thread had then, if a kill had been asked for.
        outer: The gate that the thread was running already, if it runs one inside another.
        whole_thread: Whether the call is all that the thread runs, for threads that began without
            a gate.
        started_by_job: Whether this is a call that another call of the owner's has started.
        alarm: A lock that is held, and that a sleeping call waits for; releasing it ends the sleep.
    """

    __slots__ = (
        "__weakref__",
        "_signal",
        "alarm",
        "cut",
        "depth",
        "forced",
        "ident",
        "left",
        "lock",
        "native_id",
        "outer",
        "owner",
        "phase",
        "pursuit",
        "requested",
        "sent",
        "since",
        "started_by_job",
        "unshielded",
        "until",
        "whole_thread",
        "woken",
    )

    def __init__(self, owner: Any = None) -> None:
        self.owner = owner
        # A C lock, only ever taken by `with`: that pair cannot be torn apart by an injection.
        self.lock = threading.Lock()
        self.phase = IDLE
        self.ident = 0
        self.native_id = 0
        self.requested = False
        self.sent = 0
        self.woken = False
        self.cut: tuple[CodeType, int] | None = None
        self.depth = 0
        self.forced = False
        self.unshielded = False
        self.pursuit: Any = None
        self.since = self.until = 0.0
        self.left: list[Process] = []
        self.outer: Gate | None = None
        self.whole_thread = False
        self.started_by_job = False
        self.alarm = threading.Lock()
        self.alarm.acquire()
        self._signal: type[KillSignal] | None = None

    @property
    def signal(self) -> type[BaseException]:
        """This gate's own exception class, made when first needed."""
        if self._signal is None:
            self._signal = type("JobKilled", (KillSignal,), {"gate": self})
        return self._signal

    def is_mine(self, error: BaseException | None) -> bool:
        """Whether `error` is this gate's kill, be it inside exception groups."""
        if isinstance(error, KillSignal):
            # What the call has started belongs to its owner, too, and may hand its own kill on.
            gate = type(error).gate
            return gate is self or (self.owner is not None and gate.owner is self.owner)
        if isinstance(error, BaseExceptionGroup):
            return any(self.is_mine(part) for part in error.exceptions)
        return False

    # Killers' side.

    def request(self) -> bool:
        """Ask for the kill without injecting; False if the call is over already.

        The order matters: a killer writes `requested` and then reads `phase`; the worker writes
        `phase` and then reads `requested`. So at least one of the two sees the other.
        """
        with self.lock:
            self.requested = True
            return self.phase != CLOSED

    def send(self, allowed: Callable[[], bool] | None = None) -> bool:
        """Ask for the kill and inject, if the call runs now and is not shielded.

        Args:
            allowed: Asked last, with the lock held, right before the injection; must be quick.
        """
        with self.lock:
            self.requested = True
            if self.phase != OPEN or self.shielded:
                return False
            if allowed is not None and not allowed():
                return False
            if not inject(self.ident, self.signal):
                return False
            self.sent += 1
            return True

    def cut_short(self, wake: Callable[[], object], place: tuple[CodeType, int]) -> bool:
        """End the blocking call at `place`, if not shielded, without an injection.

        Args:
            wake: Ends the blocking call, and says whether it could; must be quick.
            place: The innermost code object and the offset in it.
        """
        # The lock is held throughout, so that no shield is entered meanwhile.
        with self.lock:
            self.requested = True
            if self.phase != OPEN or self.shielded:
                return False
            before, self.cut = self.cut, place
            # From an attempt when nothing could wake it.
            withdraw(self.ident)
            if not wake():
                self.cut = before
                return False
            return True

    @property
    def shielded(self) -> bool:
        """Whether the call, or one that runs inside it on the same thread, stands in a shield."""
        if self.forced or self.unshielded:
            return False
        gate = running.get(self.ident)
        while gate is not None and gate is not self:
            if gate.depth:
                return True
            gate = gate.outer
        return self.depth > 0

    def ring(self) -> None:
        """End the sleep that the call is in, or else its next one."""
        with suppress(RuntimeError):  # It rings already.
            self.alarm.release()

    # The worker's side.

    def run(self, call: Callable[[], T]) -> Outcome[T]:
        """Run `call` in this thread; never raises, and leaves nothing pending."""
        self.ident = threading.get_ident()
        self.native_id = threading.get_native_id()
        self.since = time.monotonic()
        self.outer = running.get(self.ident)
        running[self.ident] = self
        box: list[Outcome[T]] = []
        try:
            try:
                try:
                    try:
                        self.enter(call, box)
                    finally:
                        self._close()
                finally:
                    self._close()
            finally:
                self._close()
        except BaseException as error:
            box.append(Outcome(error=error))
        if self.requested:
            # Before the thread can run another call, whose children are not this one's.
            self.left = of_thread(self.native_id)
        self.until = time.monotonic()
        if self.outer is None:
            running.pop(self.ident, None)
        else:
            running[self.ident] = self.outer
        # The first entry counts: a kill that hit after it came too late.
        del box[1:]
        if box[0].error is not None:
            strip(box[0].error)
        # Taken out: the frames of an error lead back to this one, and would keep themselves alive.
        return box.pop()

    def was_killed(self, outcome: Outcome[Any]) -> bool:
        """Whether the call ended because of this gate's kill.

        A call that was cut short may see the consequence first (an OSError from a socket that
        was shut down, an empty read) and raise that, or even return it. One that returned before
        anything reached it was simply quicker.
        """
        if outcome.error is None:
            return self.woken
        return self.is_mine(outcome.error) or self.woken or self.sent > 0

    def enter(self, call: Callable[[], T], box: list[Outcome[Any]]) -> None:
        """The frame below which everything is the call's; killers look for it on the stack."""
        try:
            self.phase = OPEN
            box.append(Outcome(error=self.signal()) if self.requested else Outcome(call()))
            self.phase = CLOSED
        except BaseException as error:
            self.phase = CLOSED
            box.append(Outcome(error=error))

    def _close(self) -> None:
        self.phase = CLOSED
        with self.lock:
            pass
        if self.sent or self.outer is not None:
            withdraw(self.ident)
