"""The scheduler: on time, in order, and gone when idle."""

import logging
import threading

import pytest

from nbjobs.timers import Scheduler

LIMIT = 10.0


def test_calls_in_the_order_they_are_due() -> None:
    """A call scheduled later but due earlier comes first."""
    scheduler = Scheduler("test", linger=0.0)
    called: list[str] = []
    done = threading.Event()
    scheduler.call_later(0.05, lambda: (called.append("late"), done.set()))
    scheduler.call_later(0.0, lambda: called.append("early"))
    assert done.wait(LIMIT)
    assert called == ["early", "late"]
    scheduler.join(LIMIT)


def test_cancelled_calls_are_not_made() -> None:
    """Cancelling before it is due takes a call back; cancelling later does nothing."""
    scheduler = Scheduler("test", linger=0.0)
    called: list[str] = []
    done = threading.Event()
    timer = scheduler.call_later(0.0, lambda: None)
    scheduler.call_later(0.02, lambda: called.append("cancelled")).cancel()
    scheduler.call_later(0.03, done.set)
    assert done.wait(LIMIT)
    timer.cancel()
    assert called == []
    scheduler.join(LIMIT)


def test_no_thread_when_nothing_is_due() -> None:
    """The thread ends with the last call, and the next call starts another."""
    scheduler = Scheduler("test-idle", linger=0.0)
    for _ in range(2):
        done = threading.Event()
        scheduler.call_later(0.0, done.set)
        assert done.wait(LIMIT)
        scheduler.join(LIMIT)
        assert "test-idle" not in [thread.name for thread in threading.enumerate()]


def test_a_call_that_raises_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    """The error is logged and the next call is made."""
    scheduler = Scheduler("test", linger=0.0)
    done = threading.Event()
    with caplog.at_level(logging.ERROR):
        scheduler.call_later(0.0, lambda: 1 / 0)
        scheduler.call_later(0.01, done.set)
        assert done.wait(LIMIT)
    assert "ZeroDivisionError" in caplog.text
    scheduler.join(LIMIT)
