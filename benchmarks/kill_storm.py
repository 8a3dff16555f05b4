"""Kills at random moments: none is lost, none hits another call, none stays pending.

Calls of several kinds run one after another on one thread that lives on, and each is killed at a
random moment: before it begins, in the middle, at its end, or too late. Of each it is checked that
it ended either as killed or with its own result, that nothing of the kill reached the thread's own
code or the next call, and that no lock is left held. `--count N` sets the number of kills.
"""

from __future__ import annotations

import argparse
import functools
import platform
import queue
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable

from nbjobs import killing

LIMIT = 30.0
LENGTH = 0.004
"""About how long a call takes, in seconds."""
ROUNDS = 100


class Held:
    """What the calls take and give back; nothing of it may be held when they have ended."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.queue: queue.Queue[int] = queue.Queue()
        self.event = threading.Event()
        self.swallowed = False

    def left(self) -> bool:
        """Whether something is held."""
        return self.lock.locked() or self.queue.mutex.locked() or self.event._cond._lock.locked()  # type: ignore[attr-defined]


def compute(_held: Held) -> int:
    """Count for a while."""
    number = 0
    while number < 2000:
        number += 1
    return number


def take(held: Held) -> int:
    """Take a lock and give it back, again and again."""
    for _ in range(100):
        with held.lock:
            pass
    return 2000


def pass_on(held: Held) -> int:
    """Use a queue and an event."""
    for _ in range(10):
        held.queue.put(1)
        held.queue.get()
        held.event.set()
        held.event.wait()
        held.event.clear()
    return 2000


def swallow(held: Held) -> int:
    """Swallow the first kill and go on."""
    try:
        compute(held)
    except BaseException:
        if held.swallowed:
            raise
        held.swallowed = True
    return 2000


def clean(_held: Held) -> int:
    """Clean up, in a `finally` that must be whole."""
    whole = False
    try:
        compute(_held)
    finally:
        number = 0
        while number < 1000:
            number += 1
        whole = True
    assert whole
    return 2000


def repeat(call: Callable[[Held], int], held: Held) -> int:
    """Call it a number of times."""
    return [call(held) for _ in range(ROUNDS)][-1]


KINDS: tuple[Callable[[Held], int], ...] = (compute, take, pass_on, swallow, clean)


def storm(count: int) -> tuple[Counter[str], float]:
    """Kill `count` calls; what became of them, and the longest time one of them took to end."""
    found: Counter[str] = Counter()
    longest = 0.0
    todo: queue.SimpleQueue[tuple[killing.Gate, Callable[[], int]] | None] = queue.SimpleQueue()
    done: queue.SimpleQueue[killing.Outcome[int]] = queue.SimpleQueue()

    def worker() -> None:
        while (task := todo.get()) is not None:
            gate, call = task
            done.put(gate.run(call))

    thread = threading.Thread(target=worker)
    thread.start()
    for index in range(count):
        held, call = Held(), KINDS[index % len(KINDS)]
        gate = killing.Gate()
        todo.put((gate, functools.partial(repeat, call, held)))
        time.sleep(random.random() * LENGTH)
        asked = time.perf_counter()
        killing.kill(gate)
        try:
            outcome = done.get(timeout=LIMIT)
        except queue.Empty:
            found["LOST"] += 1
            break
        longest = max(longest, time.perf_counter() - asked)
        if gate.was_killed(outcome):
            found["killed"] += 1
            found["before they began"] += not gate.sent
            if outcome.error is not None and not gate.is_mine(outcome.error):
                found["WRONG"] += 1
        elif outcome.value == 2000:
            found["too late"] += 1
        else:
            found["WRONG"] += 1
        found["HELD"] += held.left()
        found["THREAD LOST"] += not thread.is_alive()
    todo.put(None)
    thread.join(LIMIT)
    return found, longest


def main() -> None:
    """Run the storm and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    options = parser.parse_args()
    random.seed(1)
    # Otherwise most calls would be over before this thread gets its turn to kill them.
    sys.setswitchinterval(0.0001)
    killing.install()
    begun = time.perf_counter()
    found, longest = storm(options.count)
    took = time.perf_counter() - begun
    killing.uninstall()
    bad = {name: found[name] for name in ("LOST", "WRONG", "HELD", "THREAD LOST")}
    print(
        f"Python {platform.python_version()}: {options.count} kills in {took:.0f} s:"
        f" {found['killed']} killed,"
        f" {found['before they began']} of them before they began, {found['too late']} too late,"
        f" longest {1000 * longest:.1f} ms; {bad}"
    )
    sys.exit(any(bad.values()))


if __name__ == "__main__":
    main()
