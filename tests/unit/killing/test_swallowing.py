"""Loops that swallow everything, for ever, are ended all the same."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time
from collections.abc import Callable

import pytest

from nbjobs import killing
from nbjobs.killing import trap

from .victim import Victim, until

LONG = 60


def _sleeping() -> None:
    while True:
        try:
            time.sleep(LONG)
        except BaseException:
            time.sleep(0.001)


def _waiting() -> None:
    while True:
        try:
            threading.Event().wait(LONG)
        except BaseException:
            continue


def _named() -> None:
    while True:
        try:
            time.sleep(LONG)
        except BaseException as error:
            if error is None:
                raise


def _suppressing() -> None:
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(LONG)


def _nested() -> None:
    while True:
        try:
            _waiting()
        except BaseException:
            continue


def _in_a_handler() -> None:
    while True:
        try:
            int("x")
        except ValueError:
            with contextlib.suppress(BaseException):
                time.sleep(LONG)


def _receiving() -> None:
    left, right = socket.socketpair()
    with left, right:
        while True:
            try:
                left.recv(1)
            except BaseException:
                time.sleep(0.001)


def _busy() -> None:
    while True:
        try:
            sum(range(50))
        except BaseException:
            continue


LOOPS = (_busy, _sleeping, _waiting, _named, _suppressing, _nested, _in_a_handler, _receiving)
if sys.version_info >= (3, 12):

    @pytest.mark.parametrize("loop", LOOPS)
    def test_a_loop_that_swallows_everything_ends(loop: Callable[[], None]) -> None:
        """Whatever swallows the kill, and however deep, the job ends as killed."""
        for _ in range(3):
            Victim(loop).kill()

    def test_what_stands_around_such_a_loop_is_cleaned_up() -> None:
        """The `finally` around it runs whole, the clause has done its work, no trap is left."""
        caught, cleaned = [0], [0]

        def work() -> None:
            try:
                while True:
                    try:
                        _waiting()
                    except BaseException:
                        for _ in range(100):
                            caught[0] += 1
            finally:
                for _ in range(100):
                    threading.Event().wait(0.0001)
                    cleaned[0] += 1

        for _ in range(5):
            caught[0] = cleaned[0] = 0
            victim = Victim(work)
            victim.kill()
            assert cleaned == [100]
            assert caught[0] % 100 == 0
            until(lambda victim=victim: victim.gate.pursuit is None)  # type: ignore[misc]
            assert trap._tool is None

else:

    def test_a_loop_that_swallows_everything_is_told() -> None:
        """Without traps it goes on; so is said, and it ends as killed when it leaves the loop."""
        go = threading.Event()

        def work() -> None:
            while not go.is_set():
                try:
                    go.wait(LONG)
                except BaseException:
                    continue

        victim = Victim(work)
        victim.blocked("acquire")
        killing.kill(victim.gate)
        until(lambda: victim.gate.sent > trap.SWALLOWED)
        assert "in work" in (killing.blocked_in(victim.gate) or "")
        go.set()
        assert victim.ended() is not None


def test_a_clause_that_ends_the_loop_itself_is_left_alone() -> None:
    """Code that catches the kill once, to clean up and to return, returns."""
    steps: list[str] = []

    def work() -> str:
        try:
            threading.Event().wait()
        except BaseException:
            steps.append("caught")
        steps.append("after")
        return "returned"

    victim = Victim(work)
    victim.blocked("acquire")
    victim.kill()
    assert steps[0] == "caught"
