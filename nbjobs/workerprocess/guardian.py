"""Sees to it that no worker outlives the kernel, however that has ended.

A small process of its own, in a session of its own, that holds the reading end of a pipe. The
kernel writes the workers' numbers into it; when the kernel has gone, be it by `kill -9`, the pipe
is at its end, and the guardian kills every worker, its process group, and whatever carries the
mark that a worker's descendants inherit in their environment. A thread in the worker could not do
that: code that holds the interpreter's lock would keep it from running.

This file is run by itself, so it imports nothing of nbjobs.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

MARK = "NBJOBS_WORKER"
"""The environment variable that workers, and all that they start, have."""


class Guardian:
    """The kernel's end: tells the guardian, which it starts when needed, of workers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._guarded: dict[int, str] = {}

    def watch(self, pid: int, mark: str) -> None:
        """Have a worker, whose descendants bear `mark`, killed when this process has gone."""
        with self._lock:
            self._guarded[pid] = mark
            if self._process is not None and self._process.poll() is None:
                self._tell(f"+{pid} {mark}\n")
                return
            # The first worker, or the guardian itself has been killed.
            self._let_go()
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", __file__],
                stdin=subprocess.PIPE,
                bufsize=0,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._tell("".join(f"+{pid} {mark}\n" for pid, mark in self._guarded.items()))

    def release(self, pid: int) -> None:
        """A worker has ended; the last one lets the guardian go, too."""
        with self._lock:
            self._guarded.pop(pid, None)
            process = self._process
            if process is None or self._guarded:
                self._tell(f"-{pid}\n")
                return
            self._let_go()

    def _let_go(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
            process.wait()

    def forget(self) -> None:
        """In a forked child of the kernel: its copy of the pipe must not keep the workers alive."""
        self._lock = threading.Lock()
        process, self._process = self._process, None
        self._guarded = {}
        if process is not None and process.stdin is not None:
            process.stdin.close()
            # Else it would wait for a process that is not its child.
            process.returncode = 0

    def _tell(self, line: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):  # It has been killed: the next worker brings it back.
                os.write(self._process.stdin.fileno(), line.encode())


guardian = Guardian()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=guardian.forget)


def end_group(pid: int) -> None:
    """Kill a worker and its group; it must not have been waited for."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def end_marked(mark: str) -> None:
    """Kill all that bears a worker's mark."""
    # What is killed may just have started another: until there is none.
    for _ in range(20):
        found = marked(mark)
        if not found:
            return
        for each in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGKILL)


def marked(mark: str) -> list[int]:
    """The processes that bear a worker's mark; none where that cannot be told."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # A process that has ended, and was not waited for, has nothing in there.
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return [each for each in found if each != os.getpid()]


def main() -> None:
    """What the guardian runs."""
    guarded: dict[int, str] = {}
    for line in sys.stdin:
        pid, _, mark = line[1:].strip().partition(" ")
        if line[0] == "+":
            guarded[int(pid)] = mark
        else:
            guarded.pop(int(pid), None)
    for number, mark in guarded.items():
        end_group(number)
        end_marked(mark)


if __name__ == "__main__":
    main()
