"""A kill leaves no lock held, no handler skipped and no import broken."""

from __future__ import annotations

import contextlib
import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .victim import LIMIT, Victim

KILLS = 25


def _queue() -> tuple[Callable[[], Any], Callable[[], bool]]:
    jobs: queue.Queue[int] = queue.Queue()

    def step() -> None:
        jobs.put(1)
        jobs.get()

    return step, jobs.mutex.locked


def _event() -> tuple[Callable[[], Any], Callable[[], bool]]:
    event = threading.Event()

    def step() -> None:
        event.set()
        event.wait()
        event.clear()

    return step, event._cond._lock.locked  # type: ignore[attr-defined]


def _semaphore() -> tuple[Callable[[], Any], Callable[[], bool]]:
    semaphore = threading.Semaphore()

    def step() -> None:
        with semaphore:
            pass

    return step, lambda: semaphore._value != 1


def _by_hand() -> tuple[Callable[[], Any], Callable[[], bool]]:
    lock = threading.Lock()

    def step() -> None:
        lock.acquire()
        try:
            number = 0
            while number < 50:
                number += 1
        finally:
            lock.release()

    return step, lock.locked


def _generator() -> tuple[Callable[[], Any], Callable[[], bool]]:
    lock = threading.Lock()

    @contextlib.contextmanager
    def held() -> Iterator[None]:
        lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def step() -> None:
        with held():
            pass

    return step, lock.locked


def _logging() -> tuple[Callable[[], Any], Callable[[], bool]]:
    handler = logging.Handler()
    handler.emit = lambda record: None  # type: ignore[method-assign]
    logger = logging.Logger("quiet")
    logger.addHandler(handler)

    def held() -> bool:
        free: list[bool] = []

        def probe() -> None:
            assert handler.lock is not None
            free.append(handler.lock.acquire(timeout=1))
            handler.lock.release()

        thread = threading.Thread(target=probe)
        thread.start()
        thread.join(LIMIT)
        return free != [True]

    return lambda: logger.info("x"), held


@pytest.mark.parametrize("make", [_queue, _event, _semaphore, _by_hand, _generator, _logging])
def test_no_lock_is_left_held(make: Callable[[], Any]) -> None:
    """Killed at any moment of a loop that takes and gives back, nothing stays taken."""
    for _ in range(KILLS):
        step, held = make()

        def work(step: Callable[[], Any] = step) -> None:
            while True:
                step()

        Victim(work).kill()
        assert not held()


def test_a_kill_during_imports_breaks_none() -> None:
    """In fresh processes: killed while it imports, a module can be imported afterwards."""
    code = """
import sys, threading, time
from nbjobs import killing
killing.install()
gate = killing.Gate()
begun = threading.Event()
def work():
    begun.set()
    import email.mime.multipart, xml.dom.minidom, http.cookiejar, unittest.mock
thread = threading.Thread(target=gate.run, args=(work,))
thread.start()
begun.wait()
time.sleep({pause})
killing.kill(gate)
thread.join()
import email.mime.multipart, xml.dom.minidom, http.cookiejar, unittest.mock
assert unittest.mock.Mock and xml.dom.minidom.parseString
killing.uninstall()
"""
    for index in range(5):
        command = [sys.executable, "-c", code.format(pause=0.004 * index)]
        assert subprocess.run(command, timeout=30).returncode == 0
