"""Kernels that are killed at a random moment while they run short jobs, and what is kept of those.

A kernel writes the moment of each job's end to a pipe, by the clock that all processes share. So
it is known which jobs the journal must have: what ended more than `PROMISE` before the kill.
"""

from __future__ import annotations

import os
import random
import selectors
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from nbjobs.journal.history import History, Reader
from nbjobs.journal.query import Query

PROMISE = 0.25
LIMIT = 60.0

KERNEL = """
import os, random, sys, threading, time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "nbjobs")
shell.run_cell("def work(n):\\n    print('output of', n)\\n    import time\\n"
               "    time.sleep(n % 7 * 0.003)\\n    return {'n': n, 'data': [n] * 100}")
manager, out = shell.user_ns["jobs"], int(sys.argv[1])
def ended(event):
    if event.kind == "state" and event.state.finished:
        os.write(out, f"{event.job.num} {time.monotonic()}\\n".encode())
manager.subscribe(ended)
os.write(out, b"-1 0\\n")
for number in range(50):
    shell.run_cell(f"%job work({number});")
    time.sleep(0.01)
os.write(out, b"-2 0\\n")
threading.Event().wait()
"""


class Doomed:
    """A kernel that is going to be killed.

    Args:
        folder: IPython's, with the profile.
        rng: Says when.
    """

    def __init__(self, folder: Path, rng: random.Random) -> None:
        reading, writing = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-c", KERNEL, str(writing)],
            env={**os.environ, "IPYTHONDIR": str(folder)},
            pass_fds=[writing],
            stdout=subprocess.DEVNULL,
        )
        os.close(writing)
        self._pipe = os.fdopen(reading, "rb", buffering=0)
        self._rest = b""
        self._delay = rng.uniform(0.05, 1.5)
        self.pid = self.process.pid
        self.killed_at = 0.0
        self.ends: dict[int, float] = {}

    def run(self) -> None:
        """Let it run for a random time after its first job, and kill it."""
        self._read(until=time.monotonic() + LIMIT, marker=-1)
        self._read(until=time.monotonic() + self._delay)
        self.killed_at = time.monotonic()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._read(until=time.monotonic() + LIMIT)
        self._pipe.close()

    def _read(self, until: float, marker: int | None = None) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._pipe, selectors.EVENT_READ)
            while (left := until - time.monotonic()) > 0:
                if not selector.select(left):
                    continue
                data = os.read(self._pipe.fileno(), 65536)
                if not data:
                    return
                *lines, self._rest = (self._rest + data).split(b"\n")
                for line in lines:
                    num, moment = line.split()
                    if int(num) >= 0:
                        self.ends[int(num)] = float(moment)
                if marker is not None and any(int(line.split()[0]) == marker for line in lines):
                    return
        assert marker is None, "the kernel has not begun"


def faults_of(doomed: Doomed, journal: Path) -> tuple[list[str], int]:
    """What the journal lacks of a killed kernel's jobs, and how many it had to have."""
    reader = Reader(journal)
    rows: list[Any] = reader.rows("SELECT id FROM sessions WHERE pid = ?", doomed.pid)
    promised = {n for n, end in doomed.ends.items() if end < doomed.killed_at - PROMISE}
    if not rows:
        return ([f"no session of {doomed.pid}"] if promised else []), len(promised)
    kept = {record.num: record for record in History(reader, Query(session=rows[0][0]))}
    found = []
    for num in promised:
        record = kept.get(num)
        if record is None or record.state != "succeeded":
            found.append(f"job {num}: {record}")
        elif record.result != {"n": num, "data": [num] * 100}:
            found.append(f"job {num}: {record.result}")
        elif record.stdout != f"output of {num}\n":
            found.append(f"job {num}: {record.stdout!r}")
    found += [
        f"job {record.num} is {record.state}"
        for record in kept.values()
        if record.state not in ("succeeded", "lost")
    ]
    return found, len(promised)


def integrity(journal: Path) -> str:
    """SQLite's own judgement of the file."""
    connection = sqlite3.connect(journal)
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()
