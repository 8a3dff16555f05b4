"""Attempts to interrupt a call: look, catch or inject, wake."""

from __future__ import annotations

import time

from . import codes, trap
from .blocking import Stillness
from .gate import OPEN, Gate
from .looks import Look
from .safepoint import unsafe_because
from .settings import settings
from .sleeping import builtin_sleep
from .stacks import top_frame
from .unwinding import unwinding
from .wakers import wake
from .wakers.children import ChildWaker, waits_in_exit
from .wakers.signals import supported as signals_work

#: Long enough to give up the interpreter lock and get it back with a whole slice before us: only
#: threads that began to wait for it after that can ask for it, and not before the slice is over.
_FRESH_SLICE = 0.00001
#: What raises an error when it is cut short.
_RAISING = frozenset({"accept", "_accept", "connect", "send", "sendall", "sendto", "sendmsg"}) | {
    *("write", "sendfile", "os_sendfile", "do_handshake", "unwrap", "shutdown", "flush"),
    *("execute", "executemany", "executescript", "fetchone", "fetchmany", "fetchall", "next"),
}
#: The same, if it is TLS.
_READING = frozenset({"read", "recv", "recv_into"})
#: How many looks one step takes at most; each costs about a slice of the interpreter lock.
_LOOKS = 5
#: How long a trap waits at loops only, before it waits at calls, too.
_LOOPS_ONLY = 0.02


class Interrupter:
    """Interrupts one gate's call where that does no harm.

    Attributes:
        moving: Whether the call was on its way when it was last looked at.
    """

    def __init__(self, gate: Gate) -> None:
        self.moving = True
        self._gate = gate
        self._stillness = Stillness()
        self._since = time.monotonic()
        self._seen = gate.sent

    def attempt(self) -> bool:
        """Interrupt the call now, or have it interrupted as soon as possible.

        Returns:
            Whether the kill was sent.
        """
        gate = self._gate
        if gate.sent > self._seen:
            # The last one was caught or swallowed: this is a new attempt.
            self._seen, self._since = gate.sent, time.monotonic()
        # Where only looking helps, it has to be done often: a safe point may be one of many.
        looks = 1 if gate.forced or trap.available() else _LOOKS
        return any(self._attempt(gate) for _ in range(looks))

    def _attempt(self, gate: Gate) -> bool:
        builtin_sleep(_FRESH_SLICE)
        look = Look.at(gate)
        if not look.frames:
            return False
        if gate.forced:
            return self._send(look, guarded=False)
        # Asked after the look, and the look is confirmed before anything is sent: meanwhile the
        # call may have raised the kill by itself, at a checkpoint, and have begun to clean up.
        if unwinding(gate):
            return False
        blocked = self._stillness.blocked(look)
        self.moving = not blocked and (self._stillness.moved or self.moving)
        waited = time.monotonic() - self._since
        if (not blocked and trap.available()) or trap.stays(gate):
            trap.arm(gate, look.frames, calls=waited > _LOOPS_ONLY)
            if not blocked and waited < settings.deferral:
                return False
        if unsafe_because(look.frames, patient=waited < settings.deferral / 2):
            release_exit(look)
            return False
        if blocked and not _exact(look):
            return self._cut_short(look)
        if not blocked and waited < settings.deferral and (_raises(look) or _elsewhere(look)):
            # Whether it is blocked there, and where it goes on, will show at the next look.
            return False
        return self._send(look, guarded=True)

    def watch(self) -> None:
        """See that what has swallowed many kills does not swallow the one that it handles now."""
        if trap.stays(self._gate) and (look := Look.at(self._gate)).frames:
            trap.arm(self._gate, look.frames, calls=False)

    def close(self) -> None:
        """Leave nothing behind."""
        trap.disarm(self._gate)

    def _send(self, look: Look, *, guarded: bool) -> bool:
        if not trap.stays(self._gate):
            trap.disarm(self._gate)
        # The first check of a new piece of code is slow: the thread may have moved on meanwhile.
        sent = self._gate.send((lambda: _still_there(look)) if guarded else None)
        if sent:
            self._gate.ring()
            wake(look)
        return sent

    def _cut_short(self, look: Look) -> bool:
        trap.disarm(self._gate)
        if not _still_there(look):
            return False
        if self._gate.cut_short(lambda: wake(look), (look.frames[0].f_code, look.offset)):
            return True
        # Nothing can wake it, as it seems: have the kill wait for its end.
        if time.monotonic() - self._since < settings.deferral:
            return False
        return self._gate.send(lambda: _still_there(look))


def _exact(look: Look) -> bool:
    """Whether an exception is delivered right where the call is blocked, once it is woken.

    That is so at the end of a call that returns, and anywhere if a signal does it. If it raises, or
    is no call, the exception otherwise stays pending until the next call or jump, which may be the
    first one of a `finally` or an `__exit__`, and cut that. There the waking has to be enough at
    first.
    """
    returns = codes.read(look.frames[0].f_code).calls_at(look.offset) and not _raises(look)
    return returns or signals_work()


def _raises(look: Look) -> bool:
    """Whether the call is one that raises an error when it is cut short."""
    code = look.frames[0].f_code
    called = codes.call_at(code, look.offset)
    return called in _RAISING or (called in _READING and "/ssl.py" in code.co_filename)


def _elsewhere(look: Look) -> bool:
    """Whether a running thread would take an exception further on, which may be in cleanup."""
    return not codes.read(look.frames[0].f_code).takes_exceptions(look.offset)


def release_exit(look: Look) -> None:
    """End the child process that a `with Popen(...)` block waits for, if one is being left.

    Such an exit does not ask the process to end: without this, cleanup could take for ever.
    """
    if not waits_in_exit(look):
        return
    # The call must not be over before it is known what has ended it.
    with look.gate.lock:
        if look.gate.phase == OPEN and ChildWaker().wake(look):
            look.gate.woken = True


def _still_there(look: Look) -> bool:
    frame = top_frame(look.gate)
    return frame is look.frames[0] and frame.f_lasti == look.offset
