"""The signal that wakes threads, where Python lets it."""

from __future__ import annotations

import signal
import sys
import threading

import pytest

from nbjobs.killing.looks import Look
from nbjobs.killing.wakers import WAKERS, signals

from .victim import LIMIT, Victim


def test_it_is_used_where_it_works_and_only_there() -> None:
    """Tried out on a thread of our own; earlier Pythons are known not to do it."""
    assert signals.supported() == (sys.version_info >= (3, 15) and signals.works())
    assert isinstance(WAKERS[0], signals.SignalWaker)
    assert not [each for each in threading.enumerate() if each.name == "nbjobs signal test"]


@pytest.mark.parametrize("usable", [True, False])
def test_the_signal_reaches_the_very_thread(usable: bool) -> None:
    """A thread that waits for signals gets it if the feature is there, and else none."""
    number = signals._number()
    assert number is not None
    go, got = threading.Event(), []

    def wait() -> None:
        # Blocked, it does not run the handler but is handed to whoever waits for it.
        signal.pthread_sigmask(signal.SIG_BLOCK, {number})
        try:
            while not go.is_set():
                if signal.sigtimedwait({number}, LIMIT if usable else 0.01) is not None:
                    got.append(number)
                    return
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})

    victim = Victim(wait)
    victim.blocked("sigtimedwait() [" if usable else "wait")
    waker = signals.SignalWaker(lambda: usable)
    assert waker.wake(Look.at(victim.gate)) is usable
    if usable:
        victim.thread.join(LIMIT)
    go.set()
    victim.ended()
    assert got == [number] * usable


def test_the_signal_disturbs_nobody() -> None:
    """Whoever is sent it goes on as if nothing had been: no handler of Python's runs."""
    event, turns = threading.Event(), []

    def wait() -> None:
        turns.append(event.wait(LIMIT))

    victim = Victim(wait)
    victim.blocked("acquire")
    for _ in range(10):
        assert signals.poke(victim.gate.ident)
    event.set()
    assert victim.ended().error is None
    assert turns == [True]
