"""Code in a shield is never cut; checkpoints and cleanup are honoured."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from nbjobs import killing
from nbjobs.killing import KillSignal, checkpoint, settings, shield

from .victim import LIMIT, Victim, until


def test_outside_a_job_they_do_nothing() -> None:
    """The same code runs anywhere."""

    @shield
    def double(number: int) -> int:
        return 2 * number

    with shield():
        checkpoint()
    assert double(21) == 42


def test_a_kill_waits_for_the_end_of_the_shield() -> None:
    """All of the block runs, none of what follows it."""
    steps: list[str] = []
    inside, go = threading.Event(), threading.Event()

    def work() -> None:
        with shield():
            inside.set()
            go.wait(LIMIT)
            time.sleep(0.01)
            steps.append("whole")
        steps.append("after")

    victim = Victim(work)
    assert inside.wait(LIMIT)
    killing.kill(victim.gate)
    until(lambda: victim.gate.requested)
    go.set()
    victim.killed()
    assert steps == ["whole"]


def test_a_kill_before_the_shield_is_honoured_at_its_beginning() -> None:
    """What was asked for already does not let the block begin."""
    gate = killing.Gate()
    ran: list[int] = []

    def work() -> None:
        gate.request()
        with shield():
            ran.append(1)

    assert gate.was_killed(gate.run(work))
    assert not ran


def test_shields_nest() -> None:
    """Only the end of the outermost lets the kill in."""
    steps: list[str] = []

    def work() -> None:
        with shield():
            with shield():
                victim_gate[0].request()
                steps.append("inner")
            checkpoint()
            steps.append("outer")
        steps.append("after")

    gate = killing.Gate()
    victim_gate = [gate]
    assert gate.was_killed(gate.run(work))
    assert steps == ["inner", "outer"]


def test_random_kills_never_cut_a_shield() -> None:
    """Two hundred calls of shielded steps, each killed at some moment: no step is halved."""
    for index in range(200):
        begun: list[int] = []
        ended: list[int] = []

        def work(begun: list[int] = begun, ended: list[int] = ended) -> None:
            while True:
                with shield():
                    begun.append(1)
                    sum(range(50))
                    ended.append(1)

        victim = Victim(work)
        until(lambda ended=ended, index=index: len(ended) > index % 7)  # type: ignore[misc]
        victim.kill()
        assert begun == ended


def test_force_cuts_a_shield() -> None:
    """By force, the kill does not wait."""
    inside = threading.Event()

    def work() -> None:
        with shield():
            inside.set()
            while True:
                pass

    victim = Victim(work)
    assert inside.wait(LIMIT)
    victim.kill(force=True)


@pytest.fixture
def short_limit() -> Iterator[None]:
    """Let shields hold a kill off for a moment only."""
    before = settings.shield_limit
    settings.shield_limit = 0.05
    yield
    settings.shield_limit = before


def test_a_shield_has_a_limit(short_limit: None) -> None:
    """A block that does not end is cut when the limit has passed."""

    def work() -> None:
        with shield():
            threading.Event().wait()

    victim = Victim(work)
    victim.blocked("acquire")
    victim.kill()


def test_cleanup_may_use_a_shield_and_sleep() -> None:
    """In a `finally` that the kill has brought about, neither raises it once more."""
    steps: list[str] = []

    def work() -> None:
        try:
            threading.Event().wait()
        finally:
            with shield():
                time.sleep(0.05)
                checkpoint()
            time.sleep(0.05)
            threading.Event().wait(0.05)
            steps.append("clean")

    victim = Victim(work)
    victim.blocked("acquire")
    victim.kill()
    assert steps == ["clean"]


def test_a_second_kill_does_not_cut_cleanup_but_force_does() -> None:
    """Killing again waits for the cleanup; force ends it."""
    cleaning = threading.Event()

    def work() -> None:
        try:
            threading.Event().wait()
        finally:
            cleaning.set()
            while True:
                threading.Event().wait(0.001)

    victim = Victim(work)
    killing.kill(victim.gate)
    assert cleaning.wait(LIMIT)
    killing.kill(victim.gate)
    victim.thread.join(0.2)
    assert victim.thread.is_alive()
    assert (killing.blocked_in(victim.gate) or "").startswith("cleanup: ")
    victim.kill(force=True)


def test_a_checkpoint_raises_the_kill() -> None:
    """Where code offers to be stopped, it is."""
    gate = killing.Gate()

    def work() -> None:
        gate.request()
        checkpoint()

    assert isinstance(gate.run(work).error, KillSignal)


def test_a_shielded_coroutine_runs_to_its_end() -> None:
    """The decorator works on coroutine functions."""
    done: list[int] = []
    inside, go = threading.Event(), threading.Event()

    @shield
    async def save() -> None:
        inside.set()
        await asyncio.to_thread(go.wait, LIMIT)
        done.append(1)

    victim = Victim(lambda: asyncio.run(save()))
    assert inside.wait(LIMIT)
    killing.kill(victim.gate)
    go.set()
    victim.killed()
    assert done == [1]


def test_misuse_is_refused() -> None:
    """What cannot be shielded by decoration says what to do instead."""
    with pytest.raises(TypeError, match="with shield"):
        shield(3)  # type: ignore[type-var]

    def steps() -> Iterator[int]:
        yield 1

    with pytest.raises(TypeError, match="generator"):
        shield(steps)
