"""Kernels killed with SIGKILL at random moments while each runs 50 short jobs, all in one journal.

Run `python benchmarks/journal_storm.py [KERNELS] [AT_ONCE] [SEED]`; 100 of them take some minutes.
After each kill every job that had ended more than 250 ms before must be in the journal with its
result and output, every other one lost or absent, and the file sound.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from killedkernels import PROMISE, Doomed, faults_of, integrity


def main(count: int, at_once: int, seed: int) -> int:
    """Kill so many, and print what is missing; returns how many kernels lack something."""
    rng = random.Random(seed)
    left = list(range(count))
    totals = {"kernels": 0, "promised jobs": 0, "jobs that ended": 0, "kernels with faults": 0}
    lock = threading.Lock()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["JUPYTER_RUNTIME_DIR"] = f"{folder}/run"
        journal = Path(folder) / "profile_default" / "nbjobs.sqlite"

        def work() -> None:
            while True:
                with lock:
                    if not left:
                        return
                    left.pop()
                doomed = Doomed(Path(folder), rng)
                doomed.run()
                with lock:
                    faults, promised = faults_of(doomed, journal)
                    sound = integrity(journal)
                    if sound != "ok":
                        faults.append(sound)
                    totals["kernels"] += 1
                    totals["promised jobs"] += promised
                    totals["jobs that ended"] += len(doomed.ends)
                    totals["kernels with faults"] += bool(faults)
                    for fault in faults:
                        print(f"kernel {doomed.pid}: {fault}")

        workers = [threading.Thread(target=work) for _ in range(at_once)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    counts = ", ".join(f"{value:,} {name}" for name, value in totals.items())
    print(f"{counts}; promise {PROMISE * 1000:.0f} ms, {time.monotonic() - start:.0f} s")
    return totals["kernels with faults"]


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    raise SystemExit(main(*(numbers + [100, 2, 7][len(numbers) :])) and 1)
