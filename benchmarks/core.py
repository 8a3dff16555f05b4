"""The core beside its peers, in one run: starting jobs, cutting chunks, importing, idling, memory.

Run `python benchmarks/core.py`. Each line gives ours, the peer's and the ratio of the two; below
1.0 ours is better. The order of the two alternates, and the best of several rounds counts.
"""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from IPython.lib.backgroundjobs import BackgroundJobManager
from traitlets.config import Config

from nbjobs import JobManager, get_chunks

ROUNDS = 7


def nothing() -> None:
    """The job."""


def timed(call: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    gc.collect()
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def compare(what: str, unit: float, ours: Callable[[], object], peer: Callable[[], object],
            limit: str) -> None:  # fmt: skip
    """Print both times and their ratio; `unit` is how many things one call does."""
    pairs = []
    for number in range(ROUNDS):
        if number % 2:
            theirs, mine = timed(peer), timed(ours)
        else:
            mine, theirs = timed(ours), timed(peer)
        pairs.append((mine, theirs))
    mine = min(pair[0] for pair in pairs) / unit * 1e6
    theirs = min(pair[1] for pair in pairs) / unit * 1e6
    print(f"{what:44} {mine:10.1f} {theirs:10.1f} µs   ratio {mine / theirs:5.2f}   ({limit})")


def one_after_the_other() -> None:
    """Start a job, wait for its end, start the next."""
    with JobManager() as jobs:
        upstream = BackgroundJobManager()

        def ours() -> None:
            for _ in range(500):
                jobs.new(nothing).join()
            jobs._registry.__init__()  # type: ignore[misc]

        def peer() -> None:
            for _ in range(500):
                upstream.new(nothing).join()
            upstream.__init__()  # type: ignore[misc]

        compare("one no-op job, start to end", 500, ours, peer, "limit 1.5, aim 1.0")


def burst() -> None:
    """Start a thousand, then wait for all."""
    with JobManager() as jobs:
        upstream = BackgroundJobManager()

        def ours() -> None:
            for job in [jobs.new(nothing) for _ in range(1000)]:
                job.join()
            jobs._registry.__init__()  # type: ignore[misc]

        def peer() -> None:
            for job in [upstream.new(nothing) for _ in range(1000)]:
                job.join()
            upstream.__init__()  # type: ignore[misc]

        compare("burst of 1,000 no-op jobs, each", 1000, ours, peer, "limit 1.5, aim 1.0")


def chunks() -> None:
    """Cut a range of a million into sixteen."""

    def peer() -> list[list[int]]:
        dealt: list[list[int]] = [[] for _ in range(16)]
        for index, item in enumerate(range(1_000_000)):
            dealt[index % 16].append(item)
        return dealt

    compare("get_chunks(range(1,000,000), 16)", 1, lambda: get_chunks(range(1_000_000), 16), peer,
            "limit 0.5 of the appending loop")  # fmt: skip
    numbers = list(range(1_000_000))
    compare("the same of a list", 1, lambda: get_chunks(numbers, 16), peer, "limit 0.5")


def imports() -> None:
    """What nbjobs adds to the import of IPython, each in a fresh process."""
    # With the bytecode kept, as it is where a package is installed: compiling takes twice as long.
    env = {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}

    def seconds(code: str) -> float:
        script = f"import time; t = time.perf_counter(); {code}; print(time.perf_counter() - t)"
        run = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env
        )
        return float(run.stdout)

    plain, both, load = [], [], []
    shell = (
        "from IPython.terminal.interactiveshell import TerminalInteractiveShell as S; "
        "s = S.instance(); "
        "import time; t = time.perf_counter(); s.extension_manager.load_extension('nbjobs')"
    )
    seconds(shell)
    for _ in range(9):
        plain.append(seconds("import IPython"))
        both.append(seconds("import IPython, nbjobs"))
        load.append(seconds(shell))
    added = (statistics.median(both) - statistics.median(plain)) * 1e3
    print(f"{'import nbjobs, over import IPython':44} {added:10.1f} ms   (limit 30)")
    print(f"{'%load_ext nbjobs':44} {statistics.median(load) * 1e3:10.1f} ms   (limit 100)")


def idle() -> None:
    """Threads and wake-ups once nothing runs any more."""
    with JobManager() as jobs:
        for job in [jobs.new(nothing) for _ in range(50)]:
            job.join()
        end = time.monotonic() + 30
        while len(os.listdir("/proc/self/task")) > 1 and time.monotonic() < end:
            time.sleep(0.1)
        threads = len(os.listdir("/proc/self/task"))
        before = _switches()
        time.sleep(2)
        wakes = _switches() - before - 1
    print(f"{'threads, and wake-ups in 2 s, when idle':44} {threads - 1:10} {wakes:10}   (0 and 0)")


def _switches() -> int:
    text = "".join(p.read_text() for p in Path("/proc/self/task").glob("*/status"))
    lines = [line for line in text.splitlines() if line.startswith("voluntary_ctxt_switches")]
    return sum(int(line.split()[1]) for line in lines)


def memory() -> None:
    """Bytes that a finished no-op job keeps."""
    with JobManager() as jobs:
        jobs.new(nothing).join()
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(2000):
            jobs.new(nothing).join()
        gc.collect()
        each = (tracemalloc.get_traced_memory()[0] - before) / 2000
        tracemalloc.stop()
    print(f"{'memory of a finished no-op job':44} {each:10.0f} bytes   (limit 4,096)")


if __name__ == "__main__":
    # Upstream's manager cannot make a job without a shell.
    InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    print(f"Python {sys.version.split()[0]}")
    print(f"{'':44} {'ours':>10} {'peer':>10}")
    for measure in (one_after_the_other, burst, chunks, imports, idle, memory):
        measure()
