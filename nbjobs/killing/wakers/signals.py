"""A signal to the very thread, where that makes it look for what was injected.

Up to Python 3.14 only the main thread looks when a signal interrupts its call; any other goes on
waiting. From 3.15 on (cpython#145178) every thread is meant to raise there and then what was
injected, which wakes all calls that a signal can interrupt. Whether this Python does so is tried
out once, on a thread of our own.
"""

from __future__ import annotations

import ctypes
import functools
import os
import signal
import sys
import threading
from collections.abc import Callable

from ...threads import ServiceThread
from ..asyncexc import inject
from ..looks import Look
from ..systemcalls import call_of

_PATIENCE = 0.1
_SIG_DFL = 0


def supported() -> bool:
    """Whether a signal wakes a thread for what was injected into it."""
    # Not tried where it cannot be: that would cost the first kill a tenth of a second.
    return sys.version_info >= (3, 15) and works()


class SignalWaker:
    """Interrupts whatever system call the thread is in.

    Args:
        usable: Whether that helps in this Python.
    """

    name = "signal"

    def __init__(self, usable: Callable[[], bool] = supported) -> None:
        self._usable = usable

    def wake(self, look: Look) -> bool:
        """Wake the call if it is in a system call, and if signals help."""
        gate = look.gate
        if not self._usable() or not gate.ident or call_of(gate.native_id) is None:
            return False
        return poke(gate.ident)


@functools.cache
def works() -> bool:
    """Try it out: a thread that reads from a pipe that nobody writes to is to end."""
    number = _number()
    if number is None:
        return False
    reading, writing = os.pipe()
    begun = threading.Event()

    def read() -> None:
        try:
            begun.set()
            os.read(reading, 1)
        except SystemExit:
            return

    thread = ServiceThread(read, "nbjobs signal test")
    thread.start()
    begun.wait()
    try:
        # The first may come before the thread is in its call.
        for _ in range(10):
            inject(thread.ident or 0, SystemExit)
            poke(thread.ident or 0)
            thread.join(_PATIENCE / 10)
            if not thread.is_alive():
                return True
        return False
    finally:
        os.write(writing, b"x")
        thread.join()
        os.close(reading)
        os.close(writing)


def poke(ident: int) -> bool:
    """Send a thread, which must be alive, a signal that does nothing; False if there is none."""
    number = _number()
    if number is None:
        return False
    signal.pthread_kill(ident, number)
    return True


@functools.cache
def _number() -> int | None:
    """A signal that nobody uses, with a handler in C that does nothing; None if there is none."""
    if not hasattr(signal, "SIGRTMIN") or not hasattr(signal, "pthread_kill"):
        return None
    library = ctypes.CDLL(None)
    library.signal.restype = ctypes.c_void_p
    library.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
    # A function of a number that has no effect at all. One in Python would run in the main thread.
    nothing = ctypes.cast(library.abs, ctypes.c_void_p)
    for number in range(signal.SIGRTMIN + 8, signal.SIGRTMAX):
        if signal.getsignal(number) != signal.SIG_DFL:
            continue
        if (library.signal(number, nothing) or _SIG_DFL) == _SIG_DFL:
            library.siginterrupt(number, 1)
            return number
    return None
