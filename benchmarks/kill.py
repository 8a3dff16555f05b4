"""How long a kill takes: from asking for it to the end of the thread's call.

Prints one line for each kind of blocked or busy code: the median and the maximum of a number of
kills in milliseconds, how long `kill()` itself took at most, and how the call ended. Then those
that nothing can wake: how long a `Job.kill` with a grace took, and what it said. Parts of the names
of rows as arguments choose some of them; `--count N` sets the number of kills.
"""

from __future__ import annotations

import argparse
import os
import platform
import queue
import select
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

from kill_calls import LONG, Peers, Row, cases

from nbjobs import JobManager, JobState, killing
from nbjobs.context import current

WARM_UP = 0.06
SETTLED = 0.02
LIMIT = 10.0
GRACE = 0.1

really_sleep = time.sleep


class Owner:
    """Stands for a job."""


def measure(call: Callable[[], Any], word: str) -> tuple[float, float, str]:
    """Kill `call` once it is blocked.

    Returns:
        Seconds to its end (infinite if it goes on), seconds to the return of `kill`, and how.
    """
    gate = killing.Gate(Owner())
    ended: list[float] = []
    outcomes: list[killing.Outcome[Any]] = []

    def body() -> None:
        current.set(gate.owner)
        outcomes.append(gate.run(call))
        ended.append(time.perf_counter())

    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    _wait_for(lambda: killing.blocked_in(gate), word)
    asked = time.perf_counter()
    killing.kill(gate)
    answered = time.perf_counter()
    thread.join(LIMIT)
    if thread.is_alive():
        return float("inf"), answered - asked, f"KILLING: {killing.blocked_in(gate)}"
    outcome = outcomes.pop()
    how = "killed" if gate.was_killed(outcome) else f"NOT KILLED: {outcome}"
    return ended[0] - asked, answered - asked, how


def _wait_for(place: Callable[[], str | None], word: str) -> None:
    """Wait until the call is well in what it is to be killed in."""
    end = time.perf_counter() + LIMIT
    while word not in (place() or "") and time.perf_counter() < end:
        really_sleep(0.001)
    really_sleep(SETTLED if word else WARM_UP)


def measure_woken(name: str, row: Row, count: int) -> None:
    """Print the line of what is woken."""
    results = []
    for _ in range(count):
        results.append(measure(*row))
        if results[-1][0] == float("inf"):
            break
    times = [1000 * result[0] for result in results]
    asked = max(1000 * result[1] for result in results)
    how = ", ".join(sorted({result[2] for result in results}))
    print(
        f"{name:26}{statistics.median(times):9.2f}{max(times):9.2f}{asked:9.2f}  {how}",
        flush=True,
    )


def go_on() -> None:
    """What comes after a blocked call, and has to be cut there."""
    while True:
        pass


class Stuck:
    """A call that nothing can wake, and what lets it go on."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lock.acquire()
        self.queue: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.reading, self.writing = os.pipe()

    def take(self) -> None:
        """Wait for a plain lock."""
        with self.lock:
            go_on()

    def get(self) -> None:
        """Wait for a simple queue."""
        self.queue.get()
        go_on()

    def put(self) -> None:
        """Let that go on."""
        self.queue.put(1)

    def watch(self) -> None:
        """Wait for a pipe that nobody writes to."""
        select.select([self.reading], [], [], LONG)
        go_on()

    def read(self) -> None:
        """Read from such a pipe."""
        os.read(self.reading, 1)
        go_on()

    def write(self) -> None:
        """Let one of the last two go on."""
        os.write(self.writing, b"x")


def measure_stuck(name: str, count: int) -> None:
    """Print the line of what cannot be woken, but has to be told truly."""
    times, said = [], set()
    for _ in range(count):
        stuck = Stuck()
        call, free, word = {
            "Lock.acquire": (stuck.take, stuck.lock.release, "[futex] called at kill.py"),
            "SimpleQueue.get": (stuck.get, stuck.put, "get() [futex] called at kill.py"),
            "select": (stuck.watch, stuck.write, "select() [pselect6] called at kill.py"),
            "os.read": (stuck.read, stuck.write, "read() [read] called at kill.py"),
        }[name]
        with JobManager() as jobs:
            job = jobs.submit(call)
            _wait_for(lambda job=job: job.blocked_in, word)  # type: ignore[misc]
            asked = time.perf_counter()
            result = job.kill(GRACE)
            times.append(1000 * (time.perf_counter() - asked))
            said.add(f"{result}, {job.state}: {job.blocked_in}")
            free()
            assert job.wait(LIMIT), job.blocked_in
            assert job.state is JobState.KILLED, job.summary()
        os.close(stuck.reading)
        os.close(stuck.writing)
    line = f"{name:26}{statistics.median(times):9.2f}{max(times):9.2f}  {'; '.join(sorted(said))}"
    print(line, flush=True)


def measure_frozen() -> None:
    """Print the line of a call that does not let anybody else run: once, as it takes long."""
    with JobManager() as jobs:
        begun = time.perf_counter()
        job = jobs.submit(lambda: sum(range(10**9)))
        really_sleep(WARM_UP)
        asked = time.perf_counter()
        result = job.kill(GRACE)
        returned = time.perf_counter()
    print(
        f"{'sum(range(10**9))':26}{1000 * (returned - asked):9.2f}{'':9}  {result}: for the"
        f" {asked - begun:.1f} s that it took nothing else ran, so nobody could ask"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", help="parts of the names of rows; all if none is given")
    parser.add_argument("--count", type=int, default=20)
    options = parser.parse_args()

    def chosen(name: str) -> bool:
        return not options.rows or any(part in name for part in options.rows)

    bystander = threading.Thread(target=really_sleep, args=(100 * LONG,), daemon=True)
    bystander.start()
    peers = Peers()
    killing.install()
    print(
        f"Python {platform.python_version()}: kill to the end of the call, ms, {options.count} each"
    )
    print(f"{'blocked in':26}{'median':>9}{'max':>9}{'kill()':>9}  ends as")
    for name, row in cases(peers, bystander).items():
        if chosen(name):
            measure_woken(name, row, options.count)
    print(f"{'cannot be woken':26}{'median':>9}{'max':>9}  of kill({GRACE}), ms; what it says")
    for name in ("Lock.acquire", "SimpleQueue.get", "select", "os.read"):
        if chosen(name):
            measure_stuck(name, options.count)
    if chosen("sum(range(10**9))"):
        measure_frozen()
    killing.uninstall()
    # The bystander sleeps on, and the interpreter would not wait for it in vain.
    os._exit(0)


if __name__ == "__main__":
    main()
