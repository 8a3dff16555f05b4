"""The kernel's handle of a cluster that it has started, through the process that keeps it."""

from __future__ import annotations

import json
import queue
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..exceptions import JobError
from ..killing import processes
from ..threads import ServiceThread

_ROOT = str(Path(__file__).parents[2])

_START = f"import sys; sys.path.append({_ROOT!r}); from nbjobs.cluster.keeping import main; main()"

START_LIMIT = 60.0
"""How long, in seconds, a cluster may take to start."""


class Keeper:
    """A cluster on this machine, from its start to its end.

    Args:
        kind: "ipyparallel" or "dask".
        count: How many engines or workers.

    Attributes:
        address: Where the cluster is.
        pid: The process that keeps it.
        kept: The processes of the cluster.
        folder: Where it has its files; empty before it is there.

    Raises:
        JobError: It does not start.
    """

    def __init__(self, kind: str, count: int) -> None:
        self._kind = kind
        self._lost: Callable[[], object] | None = None
        self.kept: list[processes.Process] = []
        self.folder = ""
        self._closing = False
        self._said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        # In a session of its own: an interrupt of the kernel signals the kernel's whole group.
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.pid = self._process.pid
        assert self._process.stdin is not None
        self._reader = ServiceThread(self._read, "nbjobs-keeper")
        self._reader.start()
        told = {"kind": kind, "count": count, "path": [_ROOT, *sys.path]}
        with suppress(OSError):
            self._process.stdin.write(json.dumps(told) + "\n")
            self._process.stdin.flush()
        self.address = self._wait()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def tell(self, lost: Callable[[], object]) -> None:
        """Have `lost` called when the cluster ends without being told to."""
        self._lost = lost

    def close(self, timeout: float) -> None:
        """End the cluster; after `timeout` seconds, without asking."""
        self._closing = True
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._end_all()
        self._reader.join(timeout)

    def _wait(self) -> str:
        try:
            said = self._said.get(timeout=START_LIMIT)
        except queue.Empty:
            said = {"error": f"it has not come up within {START_LIMIT:.0f} s"}
        if "error" in said:
            self.close(0)
            raise JobError(f"no {self._kind} cluster can be started here: {said['error']}")
        return str(said["address"])

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                said = json.loads(line)
                found = [processes.Process.of(pid) for pid in said.get("pids", ())]
                self.kept = [each for each in found if each is not None]
                self.folder = said.get("folder", "")
                self._said.put(said)
        self._said.put({"error": "the process that was to start it has ended"})
        if not self._closing:
            # What it kept has nobody now who would end it.
            self._end_all()
            if self._lost is not None:
                self._lost()

    def _end_all(self) -> None:
        # Stopped first: what one of them is starting would have no parent to be found by.
        for kind in (signal.SIGSTOP, signal.SIGKILL):
            for process in self._trees():
                process.send(kind)
        self._process.kill()
        self._process.wait()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _trees(self) -> list[processes.Process]:
        roots = [self.pid, *(each.pid for each in self.kept if each.alive)]
        return [process for root in roots for process in processes.tree(root)]
