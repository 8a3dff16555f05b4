"""Races that have been closed, forced: what may happen between two steps does happen."""

from __future__ import annotations

import subprocess
import threading
from typing import Any

import pytest

from nbjobs import killing
from nbjobs.context import current
from nbjobs.killing.asyncexc import inject
from nbjobs.killing.gate import CLOSED, running
from nbjobs.killing.interrupt import Interrupter
from nbjobs.killing.looks import Look
from nbjobs.killing.safepoint import unsafe_because
from nbjobs.killing.wakers import children

from .victim import LIMIT, Owner, Victim, until

LONG = 600


def test_a_thread_that_is_being_started_is_waited_for() -> None:
    """Before it has begun, an injection might find it in its starter's place, and end it unborn."""
    go, begun = threading.Event(), threading.Event()

    class Slow(threading.Event):
        def set(self) -> None:
            begun.set()
            go.wait(LIMIT)
            super().set()

    def start_one() -> None:
        thread = threading.Thread(target=int)
        vars(thread)["_started"] = Slow()
        thread.start()
        threading.Event().wait(LONG)

    victim = Victim(start_one)
    assert begun.wait(LIMIT)
    victim.blocked("acquire")
    killing.kill(victim.gate)
    assert unsafe_because(Look.at(victim.gate).frames) == "a thread is being started"
    assert not victim.gate.sent
    go.set()
    victim.killed()


def test_what_has_ended_the_call_is_known_when_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call whose child is ended by the kill is over before the waker has returned: killed."""
    terminate = children.terminate

    def and_wait(processes: Any) -> None:
        terminate(processes)
        until(lambda: gate.phase == CLOSED)

    monkeypatch.setattr(children, "terminate", and_wait)
    gate = killing.Gate(Owner())
    found: list[bool] = []

    def call() -> None:
        with subprocess.Popen(["sleep", str(LONG)]):
            pass

    def run() -> None:
        current.set(gate.owner)
        outcome = gate.run(call)
        found.append(gate.was_killed(outcome))

    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: "waitpid" in (killing.blocked_in(gate) or ""))
    killing.kill(gate)
    thread.join(LIMIT)
    assert found == [True]


class Cleaner:
    """For a victim: raises its kill itself once that is asked for, and cleans up."""

    def __init__(self) -> None:
        self.cleaning, self.go, self.cleaned = (threading.Event() for _ in range(3))

    def __call__(self) -> None:
        gate = running[threading.get_ident()]
        try:
            until(lambda: gate.requested)
            killing.checkpoint()
        finally:
            self.cleaning.set()
            while not self.go.is_set():
                pass
            self.cleaned.set()


def test_cleanup_after_a_checkpoint_is_left_alone_by_an_attempt_that_is_under_way() -> None:
    """The kill is raised at a checkpoint while a killer has already decided to inject it."""
    cleaner = Cleaner()
    victim = Victim(cleaner)
    assert victim.gate.request()
    assert cleaner.cleaning.wait(LIMIT)
    attacker = Interrupter(victim.gate)
    try:
        assert not any(attacker.attempt() for _ in range(50))
    finally:
        attacker.close()
        cleaner.go.set()
    victim.killed()
    assert cleaner.cleaned.is_set()


def test_a_checkpoint_waits_for_a_killer_that_is_about_to_inject() -> None:
    """What that one injects would otherwise arrive in the cleanup that the checkpoint begins."""
    cleaner = Cleaner()
    victim = Victim(cleaner)
    gate = victim.gate

    def at_the_lock() -> bool:
        return Look.at(gate).frames[0].f_code.co_name == "_raise_if_due"

    with gate.lock:
        gate.requested = True
        until(lambda: at_the_lock() or cleaner.cleaning.is_set())
        assert inject(gate.ident, gate.signal)
    cleaner.go.set()
    victim.killed()
    assert cleaner.cleaned.is_set()
