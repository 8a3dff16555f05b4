"""The system call a thread is in, as Linux tells it.

Elsewhere, or where /proc may not be read, nothing is known, and callers do without.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

_NUMBERS = {
    "x86_64": {
        "read": 0, "write": 1, "poll": 7, "readv": 19, "writev": 20, "select": 23,
        "nanosleep": 35, "connect": 42, "accept": 43, "sendto": 44, "recvfrom": 45,
        "sendmsg": 46, "recvmsg": 47, "wait4": 61, "fcntl": 72, "flock": 73, "futex": 202,
        "clock_nanosleep": 230, "epoll_wait": 232, "waitid": 247, "openat": 257,
        "pselect6": 270, "ppoll": 271, "epoll_pwait": 281, "accept4": 288, "epoll_pwait2": 441,
    },
    "aarch64": {
        "epoll_pwait": 22, "fcntl": 25, "flock": 32, "openat": 56, "read": 63, "write": 64,
        "readv": 65, "writev": 66, "pselect6": 72, "ppoll": 73, "waitid": 95, "futex": 98,
        "nanosleep": 101, "clock_nanosleep": 115, "accept": 202, "connect": 203, "sendto": 206,
        "recvfrom": 207, "sendmsg": 211, "recvmsg": 212, "accept4": 242, "wait4": 260,
        "epoll_pwait2": 441,
    },
}  # fmt: skip
_NAMES = {number: name for name, number in _NUMBERS.get(platform.machine(), {}).items()}


@dataclass(frozen=True, slots=True)
class SystemCall:
    """A system call in progress.

    Attributes:
        number: As the kernel counts.
        name: What it is called; empty where that is not known.
        args: Its six arguments as unsigned integers.
    """

    number: int
    name: str
    args: tuple[int, ...]


def call_of(native_id: int) -> SystemCall | None:
    """The call that a thread of this process is in; None when it runs, or nothing is known."""
    try:
        words = Path(f"/proc/self/task/{native_id}/syscall").read_text().split()
    except OSError:
        return None
    # "running", or -1 when it is blocked outside any call.
    if len(words) < 7 or words[0] == "-1":
        return None
    number = int(words[0])
    return SystemCall(number, _NAMES.get(number, ""), tuple(int(w, 16) for w in words[1:7]))


def others_in_call_on(descriptor: int, native_id: int, names: frozenset[str]) -> bool:
    """Whether a thread besides `native_id` is in one of these calls on `descriptor`."""
    try:
        threads = os.listdir("/proc/self/task")
    except OSError:
        return False
    for thread in threads:
        call = call_of(int(thread)) if int(thread) != native_id else None
        if call is not None and call.name in names and call.args[0] == descriptor:
            return True
    return False


def memory(address: int, size: int) -> bytes:
    """A piece of this process's memory; empty if there is none.

    Read through the file system: what another thread's call points at may be gone by now, and
    then this says so instead of crashing.
    """
    try:
        handle = os.open("/proc/self/mem", os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.pread(handle, size, address)
    except (OSError, OverflowError):
        return b""
    finally:
        os.close(handle)
