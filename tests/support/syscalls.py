"""Have the system refuse something to this process from now on, as a bad disk or server does.

By seccomp, so that the refusal comes from the system itself, wherever the call is made; no special
rights are needed. It cannot be taken back: for processes of a test's own.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

_NUMBERS = {
    "x86_64": {"seccomp": 317, "fcntl": 72, "pwrite64": 18, "openat": 257},
    "aarch64": {"seccomp": 277, "fcntl": 25, "pwrite64": 68, "openat": 56},
}[platform.machine()]

_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _IF_EQUAL, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NO_NEW_PRIVILEGES, _SET_FILTER, _ALL_THREADS = 38, 1, 1
_SET_LOCK = (6, 7, 37, 38)
"""The commands of fcntl that take a lock: F_SETLK, F_SETLKW and those of open file descriptions."""


def disk_is_full() -> None:
    """Nothing can be written at a place in a file any more, which is how SQLite writes."""
    _refuse("pwrite64", errno.ENOSPC)


def disk_is_read_only() -> None:
    """No file can be opened for writing."""
    _refuse("openat", errno.EROFS, argument=2, bits=os.O_WRONLY | os.O_RDWR | os.O_CREAT)


def no_locks() -> None:
    """No lock of a file can be taken, as on NFS without its lock daemon."""
    for command in _SET_LOCK:
        _refuse("fcntl", errno.ENOLCK, argument=1, equals=command)


def _refuse(
    call: str, error: int, argument: int | None = None, equals: int | None = None, bits: int = 0
) -> None:
    steps = [(_LOAD, 0, 0, 0)]
    if argument is None:
        steps += [(_IF_EQUAL, 0, 1, _NUMBERS[call])]
    else:
        test = (_IF_ANY_BIT, 0, 1, bits) if equals is None else (_IF_EQUAL, 0, 1, equals)
        steps += [(_IF_EQUAL, 0, 3, _NUMBERS[call]), (_LOAD, 0, 0, 16 + 8 * argument), test]
    steps += [(_RETURN, 0, 0, _ERRNO | error), (_RETURN, 0, 0, _ALLOW)]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    done = libc.syscall(_NUMBERS["seccomp"], _SET_FILTER, _ALL_THREADS, program)
    if done:
        raise OSError(ctypes.get_errno(), "seccomp")
