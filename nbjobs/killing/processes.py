"""Processes: whose children they are, and how they are ended without hitting a stranger."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True, slots=True)
class Process:
    """A process; with its start, because a number is used again.

    Attributes:
        pid: Its number.
        start: When it began, in clock ticks since the machine was started; 0 if unknown.
    """

    pid: int
    start: int

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """The live process with this number; None if there is none (a zombie is none)."""
        stat = _stat(pid)
        if stat is None:
            return None
        return None if stat[0] in "ZX" else cls(pid, stat[1])

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return Process.of(self.pid) == self

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens if it has ended."""
        if not hasattr(os, "pidfd_open"):
            if self.alive:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(self.pid, number)
            return
        # Held while we make sure it is the one we mean: then the number cannot be given away.
        try:
            handle = os.pidfd_open(self.pid)
        except OSError:
            return
        try:
            if self.alive:
                with suppress(ProcessLookupError, PermissionError):
                    signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)


def _stat(pid: int) -> tuple[str, int] | None:
    """(state, start) of a process."""
    if not sys.platform.startswith("linux"):
        try:
            os.kill(pid, 0)
        except OSError:
            return None
        return "R", 0
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The command, in parentheses, may hold anything.
    fields = text[text.rindex(")") + 2 :].split()
    return fields[0], int(fields[19])


def ticks_at(monotonic: float) -> int:
    """The moment `monotonic` of `time.monotonic`, in ticks since the machine was started."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0
    boot = time.clock_gettime(time.CLOCK_BOOTTIME) - (time.monotonic() - monotonic)
    return int(boot * _TICKS)


def of_thread(native_id: int) -> list[Process]:
    """The live processes that a thread of ours has started; empty where that cannot be told."""
    found = map(Process.of, _children(f"/proc/self/task/{native_id}/children"))
    return [each for each in found if each is not None]


def tree(pid: int) -> list[Process]:
    """A process and all below it, parents first."""
    root = Process.of(pid)
    found = [] if root is None else [root]
    for below in _below(pid):
        found += tree(below)
    return found


def _below(pid: int) -> list[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    return [kid for thread in threads for kid in _children(f"/proc/{pid}/task/{thread}/children")]


def _children(file: str) -> list[int]:
    try:
        return [int(word) for word in Path(file).read_text().split()]
    except OSError:
        return []


def holds(pid: int, link: str) -> bool:
    """Whether a process has the pipe or terminal open that `link` names."""
    folder = f"/proc/{pid}/fd"
    try:
        entries = os.listdir(folder)
    except OSError:
        return False
    for entry in entries:
        with suppress(OSError):
            if os.readlink(f"{folder}/{entry}") == link:
                return True
    return False


def helpers() -> set[int]:
    """Children that serve the whole process, whoever happened to start them."""
    spared: set[int] = set()
    tracker = sys.modules.get("multiprocessing.resource_tracker")
    if tracker is not None:
        spared.add(tracker._resource_tracker._pid)
    server = sys.modules.get("multiprocessing.forkserver")
    if server is not None:
        spared.add(server._forkserver._forkserver_pid)
    return spared - {None}
