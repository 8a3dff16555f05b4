"""What is put in place for killing behaves as what it replaces."""

from __future__ import annotations

import inspect
import socket
import threading
import time

import pytest

from nbjobs import killing
from nbjobs.killing import trap

from .victim import Victim


@pytest.mark.parametrize("bad", [-1, "1", None, float("nan")])
def test_sleep_refuses_nonsense_as_ever(bad: object) -> None:
    """In a job as elsewhere, the errors are those of the original."""

    def attempt() -> type[BaseException]:
        with pytest.raises((TypeError, ValueError)) as caught:
            time.sleep(bad)  # type: ignore[arg-type]
        return caught.type

    assert Victim(attempt).ended().value is attempt()


def test_sleep_and_join_last_as_long_as_asked() -> None:
    """In a job, neither ends early."""

    def work() -> float:
        begin = time.monotonic()
        time.sleep(0.02)
        thread = threading.Thread(target=time.sleep, args=(0.02,))
        thread.start()
        thread.join(0.001)
        assert thread.is_alive()
        thread.join()
        assert not thread.is_alive()
        return time.monotonic() - begin

    assert Victim(work).ended().value >= 0.04


def test_join_refuses_nonsense_as_ever() -> None:
    """A thread cannot join itself, in a job or elsewhere."""
    outcome = Victim(lambda: threading.current_thread().join()).ended()
    assert isinstance(outcome.error, RuntimeError)


def test_signatures_are_kept() -> None:
    """What is wrapped still says what it takes."""
    assert "family" in inspect.signature(socket.socket).parameters


def test_installing_twice_needs_uninstalling_twice() -> None:
    """The second user's end does not take it from the first."""
    wrapped = time.sleep
    killing.install()
    killing.uninstall()
    assert time.sleep is wrapped


def test_no_trap_is_left_set() -> None:
    """After a kill, no tool is registered, so nothing is slowed down."""
    victim = Victim(_spin)
    victim.kill()
    until_free = threading.Event()
    for _ in range(1000):
        if trap._tool is None:
            break
        until_free.wait(0.001)
    assert trap._tool is None


def _spin() -> None:
    while True:
        pass


def test_where_it_is_blocked_is_told_while_it_runs_only() -> None:
    """File, line and function of the user's code; nothing before and after."""
    gate = killing.Gate()
    assert killing.blocked_in(gate) is None
    victim = Victim(lambda: _wait_here(event))
    victim.blocked("acquire")
    text = killing.blocked_in(victim.gate) or ""
    line = _wait_here.__code__.co_firstlineno + 1
    assert text.endswith(f"called at test_installation.py:{line} in _wait_here")
    event.set()
    victim.ended()
    assert killing.blocked_in(victim.gate) is None


event = threading.Event()


def _wait_here(waited: threading.Event) -> None:
    waited.wait()
