"""The protocol between a thread that runs a call and those who kill it; races are forced."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from nbjobs import killing
from nbjobs.killing import Gate, KillSignal
from nbjobs.killing.gate import CLOSED, IDLE, OPEN, running

from .victim import LIMIT, Owner, Victim, until


class RiggedLock:
    """A lock that calls `before` whenever a thread is about to take it."""

    def __init__(self, before: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._before = before

    def __enter__(self) -> None:
        self._before()
        self._lock.acquire()

    def __exit__(self, *args: object) -> None:
        self._lock.release()


def test_a_value_and_an_error_come_through() -> None:
    """A call that nobody kills ends as it would without a gate."""
    assert Gate().run(lambda: 42).value == 42
    error = Gate().run(lambda: 1 / 0).error
    assert isinstance(error, ZeroDivisionError)


def test_the_traceback_shows_the_call_only() -> None:
    """The gate's own frames are taken off the traceback."""

    def fail() -> None:
        raise ValueError("mine")

    error = Gate().run(fail).error
    assert error is not None
    assert error.__traceback__ is not None
    assert error.__traceback__.tb_frame.f_code is fail.__code__


def test_a_kill_before_the_start_prevents_it() -> None:
    """A call that was killed before it began never begins."""
    gate, ran = Gate(), []
    assert gate.request()
    outcome = gate.run(lambda: ran.append(1))
    assert gate.was_killed(outcome)
    assert not ran


def test_a_kill_after_the_end_is_too_late() -> None:
    """Neither asking nor sending succeeds once the call is over."""
    gate = Gate()
    outcome = gate.run(lambda: 42)
    assert gate.phase == CLOSED
    assert not gate.request()
    assert not gate.send()
    assert not gate.was_killed(outcome)
    assert outcome.value == 42


def test_a_kill_is_never_attributed_to_another_gate() -> None:
    """Each gate has an exception class of its own; an owner's gates share their kills."""
    first, second = Gate(), Gate()
    assert first.is_mine(first.signal())
    assert not second.is_mine(first.signal())
    group = BaseExceptionGroup("several", [ValueError(), first.signal()])
    assert first.is_mine(group)
    assert not second.is_mine(group)
    owner = Owner()
    assert Gate(owner).is_mine(Gate(owner).signal())
    assert not Gate(owner).is_mine(Gate(Owner()).signal())


def test_a_killer_past_its_check_cannot_hit_the_next_call() -> None:
    """The killer has seen OPEN, the call ends, then it injects: the next call is untouched.

    1. The killer holds the lock, has found the gate open, and stops in `allowed`.
    2. The call returns; the worker closes the gate and has to wait for the lock.
    3. The killer injects. The worker gets the lock only then, and must take the injection back.
    """
    for _ in range(50):
        race = Race()
        worker = threading.Thread(target=race.work)
        worker.start()
        until(lambda race=race: race.gate.phase == OPEN)  # type: ignore[misc]
        assert race.gate.send(race.allowed)
        worker.join(LIMIT)
        assert race.outcomes[0].value == "done"
        assert race.outcomes[1].value == 1000


class Race:
    """One call that ends while a killer is between its check and its injection."""

    def __init__(self) -> None:
        self.gate = Gate()
        self.go = threading.Event()
        self.outcomes: list[Any] = []

    def work(self) -> None:
        """Run the call, and another on the same thread."""
        self.outcomes.append(self.gate.run(lambda: self.go.wait(LIMIT) and "done"))
        self.outcomes.append(Gate().run(lambda: sum(1 for _ in range(1000))))

    def allowed(self) -> bool:
        """Called by the killer with the lock held: let the call end first."""
        self.go.set()
        until(lambda: self.gate.phase == CLOSED)
        return True


def test_an_injection_that_arrives_while_closing_is_contained() -> None:
    """Whatever line of the closing code an injection hits, it does not leave `run`."""
    for _ in range(200):
        gate = Gate()
        hits = iter([True, True])

        def near_lock(gate: Gate = gate, hits: Any = hits) -> None:
            # The most that the protocol allows: two that arrive after the gate has closed.
            if threading.get_ident() == gate.ident and next(hits, False):
                raise gate.signal

        gate.lock = RiggedLock(near_lock)  # type: ignore[assignment]
        assert gate.run(lambda: 42).value == 42


def test_a_storm_on_one_thread_loses_and_leaks_nothing() -> None:
    """Blind injections at random moments, one thread for all calls: each call is accounted for."""
    gates: list[Gate] = [Gate() for _ in range(3000)]
    results: list[tuple[Gate, Any]] = []

    def count(up_to: int) -> int:
        number = 0
        while number < up_to:
            number += 1
        return number

    def work() -> None:
        for index, gate in enumerate(gates):
            results.append((gate, gate.run(lambda index=index: count(index % 97))))

    worker = threading.Thread(target=work)
    # A blind injection may hit what others have hung on the collector, as hypothesis does.
    gc.disable()
    worker.start()
    for killed, gate in enumerate(gates[::2]):
        while gate.phase == IDLE and killed % 3:
            pass
        gate.send()
    worker.join(60)
    gc.enable()
    assert not worker.is_alive()
    assert len(results) == len(gates)
    for index, (gate, outcome) in enumerate(results):
        if outcome.error is None:
            assert outcome.value == index % 97
        else:
            assert gate.was_killed(outcome)
            assert type(outcome.error) is gate.signal
    for gate, outcome in results[1::2]:
        assert outcome.error is None
        assert not gate.requested


def test_what_a_killed_call_held_is_let_go_of_with_its_error() -> None:
    """The frames of the error do not keep themselves alive: no collector is needed."""
    held: list[weakref.ref[Owner]] = []
    outcomes: list[Any] = []
    gate = Gate()
    begun = threading.Event()

    def work() -> None:
        thing = Owner()
        held.append(weakref.ref(thing))
        begun.set()
        threading.Event().wait()

    gc.disable()
    try:
        thread = threading.Thread(target=lambda: outcomes.append(gate.run(work)))
        thread.start()
        assert begun.wait(LIMIT)
        killing.kill(gate)
        thread.join(LIMIT)
        until(lambda: gate.pursuit is None)
        assert held[0]() is not None
        outcomes.clear()
        # What has just looked at its frames may not have let go of them yet.
        until(lambda: held[0]() is None)
    finally:
        gc.enable()


def test_gates_nest() -> None:
    """A gate within a gate on one thread: the registry names the innermost, and none at the end."""
    outer, inner, seen = Gate(), Gate(), []

    def inside() -> None:
        seen.append(running[threading.get_ident()])

    def outside() -> None:
        inner.run(inside)
        inside()

    outer.run(outside)
    assert seen == [inner, outer]
    assert inner.outer is outer
    assert threading.get_ident() not in running


def test_the_kill_is_a_quiet_system_exit() -> None:
    """Ordinary handlers miss it, and what is raised in the thread ends up in the outcome."""
    victim = Victim(lambda: _survive_ordinary_errors())
    error = victim.kill().error
    assert isinstance(error, KillSignal)
    assert isinstance(error, SystemExit)


def _survive_ordinary_errors() -> None:
    while True:
        try:
            threading.Event().wait(0.001)
        except Exception:
            continue


@pytest.mark.parametrize("times", [2, 100])
def test_killing_again_is_harmless(times: int) -> None:
    """Any number of kills of one call, from several threads, end it once."""
    victim = Victim(lambda: threading.Event().wait())
    killers = [threading.Thread(target=killing.kill, args=(victim.gate,)) for _ in range(times)]
    for killer in killers:
        killer.start()
    for killer in killers:
        killer.join(LIMIT)
    victim.killed()
