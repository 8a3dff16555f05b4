"""How often a kill leaves something held: a loop that takes and gives back is killed many times.

Prints one line for each kind; `--count N` sets the number of kills.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import platform
import queue
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator

from nbjobs import killing

LIMIT = 10.0
Row = tuple[Callable[[], object], Callable[[], bool]]


def queues() -> Row:
    """A queue's put and get."""
    passed: queue.Queue[int] = queue.Queue()
    return lambda: (passed.put(1), passed.get()), passed.mutex.locked  # type: ignore[func-returns-value]


def events() -> Row:
    """An event, set and waited for."""
    event = threading.Event()

    def step() -> None:
        event.set()
        event.wait()
        event.clear()

    return step, event._cond._lock.locked  # type: ignore[attr-defined]


def conditions() -> Row:
    """A condition, entered and notified."""
    condition = threading.Condition(lock := threading.Lock())

    def step() -> None:
        with condition:
            condition.notify()

    return step, lock.locked


def semaphores() -> Row:
    """A semaphore in a `with` statement."""
    semaphore = threading.Semaphore()

    def step() -> None:
        with semaphore:
            pass

    return step, lambda: semaphore._value != 1


def by_hand() -> Row:
    """A lock that is acquired, and released in a `finally`."""
    lock = threading.Lock()

    def step() -> None:
        lock.acquire()
        try:
            sum(range(50))
        finally:
            lock.release()

    return step, lock.locked


def generators() -> Row:
    """A lock that a context manager made of a generator holds."""
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


class Holder:
    """A context manager that holds a lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def __enter__(self) -> None:
        self.lock.acquire()

    def __exit__(self, *error: object) -> None:
        self.lock.release()


def classes() -> Row:
    """A lock that a context manager of a class of its own holds."""
    holder = Holder()

    def step() -> None:
        with holder:
            pass

    return step, holder.lock.locked


def plain() -> Row:
    """A lock in a `with` statement."""
    lock = threading.Lock()

    def step() -> None:
        with lock:
            sum(range(50))

    return step, lock.locked


def loggers() -> Row:
    """A handler's lock, which logging takes for each record."""
    handler = logging.StreamHandler(open(os.devnull, "w"))  # noqa: SIM115
    logger = logging.Logger("quiet")
    logger.addHandler(handler)

    def held() -> bool:
        assert handler.lock is not None
        free = handler.lock.acquire(timeout=1)
        if free:
            handler.lock.release()
        handler.stream.close()
        return not free

    return lambda: logger.info("x"), held


def files() -> Row:
    """A file that is opened in a `with` statement."""
    before = len(os.listdir("/proc/self/fd"))

    def step() -> None:
        with open(os.devnull) as file:
            file.read(1)

    return step, lambda: len(os.listdir("/proc/self/fd")) > before


def leaks(make: Callable[[], Row], count: int) -> int:
    """Kill `count` loops; how many of them have left something held."""
    found = 0
    for _ in range(count):
        step, held = make()
        gate = killing.Gate()

        def work(step: Callable[[], object] = step) -> None:
            while True:
                step()

        thread = threading.Thread(target=gate.run, args=(work,), daemon=True)
        thread.start()
        time.sleep(random.random() * 0.002)
        killing.kill(gate)
        thread.join(LIMIT)
        if thread.is_alive():
            sys.exit(f"not killed: {killing.blocked_in(gate)}")
        while gate.pursuit is not None:
            # What pursues it has files of its own open.
            time.sleep(0.0001)
        found += held()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=600)
    count = parser.parse_args().count
    killing.install()
    print(f"Python {platform.python_version()}: left held after {count} kills")
    rows = (queues, events, conditions, semaphores, by_hand, generators, classes)
    for make in (*rows, plain, loggers, files):
        print(f"{make.__name__:12}{leaks(make, count):6}", flush=True)
    killing.uninstall()


if __name__ == "__main__":
    main()
