"""Whether kills of all kinds leave anything behind: processes, threads, descriptors, locks.

Jobs that are blocked or busy in all the ways of `kill.py` are killed one after another, each at
a random moment. Printed are the counts before and after; `--count N` sets the number of kills.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import random
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from kill_calls import Peers, cases

from nbjobs import JobManager, JobState, killing
from nbjobs.killing import trap

LIMIT = 20.0
COUNTS = ("child processes", "threads", "descriptors", "locks held", "traps set")


class Watch:
    """Counts what there is in this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def take(self) -> None:
        """Take a lock and give it back, for ever."""
        while True:
            with self.lock:
                sum(range(20))

    def found(self) -> tuple[list[str], ...]:
        """What `COUNTS` names."""
        children: list[str] = []
        descriptors: list[str] = []
        for thread in os.listdir("/proc/self/task"):
            with suppress(OSError):
                pids = Path(f"/proc/self/task/{thread}/children").read_text().split()
                children += [Path(f"/proc/{pid}/stat").read_text()[:30] for pid in pids]
        threads = [each for each in threading.enumerate() if not each.name.startswith("nbjobs")]
        for each in os.listdir("/proc/self/fd"):
            with suppress(OSError):
                descriptors.append(f"{each} {os.readlink(f'/proc/self/fd/{each}')}")
        locks, traps = ["lock"] * self.lock.locked(), ["trap"] * (trap._tool is not None)
        return children, [each.name for each in threads], descriptors, locks, traps


def main() -> None:
    """Kill, and count before and after."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    count = parser.parse_args().count
    random.seed(1)
    bystander = threading.Thread(target=time.sleep, args=(10_000,), daemon=True)
    bystander.start()
    peers, watch = Peers(), Watch()
    killing.install()
    kinds = {name: call for name, (call, _) in cases(peers, bystander).items()}
    kinds["lock"] = watch.take
    ends: dict[str, int] = {}
    with JobManager() as jobs:
        for number in range(count + len(kinds)):
            if number == len(kinds):
                # Everything has been used once, so what is kept on first use is there.
                before = settle(watch, ())
                ends.clear()
            name = list(kinds)[number % len(kinds)]
            job = jobs.submit(kinds[name])
            time.sleep(random.random() * 0.05)
            job.kill(LIMIT)
            if job.state not in (JobState.KILLED, JobState.CANCELLED):
                print(f"{name}: {job.summary()} {job.blocked_in}")
            ends[str(job.state)] = ends.get(str(job.state), 0) + 1
            jobs.remove(job)
        after = settle(watch, before)
    print(f"Python {platform.python_version()}: {count} kills of {len(kinds)} kinds: {ends}")
    worse = False
    for what, was, now in zip(COUNTS, before, after, strict=True):
        print(f"  {what:16}{len(was):6} before{len(now):6} after")
        if len(now) > len(was):
            worse = True
            print(f"    {sorted(set(now) - set(was))}")
    sys.stdout.flush()
    # The bystander sleeps on.
    os._exit(worse)


def settle(watch: Watch, wanted: tuple[list[str], ...]) -> tuple[list[str], ...]:
    """What there is, once it is no more than `wanted`, or a moment has passed."""
    end = time.monotonic() + 8
    while True:
        gc.collect()
        found = watch.found()
        good = wanted and all(len(now) <= len(was) for was, now in zip(wanted, found, strict=True))
        if good or time.monotonic() > end:
            return found
        time.sleep(0.05)


if __name__ == "__main__":
    main()
