"""Messages over a pipe: a kind, and any number of parts, each as long as it is."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence

Part = bytes | bytearray | memoryview

_HEAD = struct.Struct("!cI")
_LENGTH = struct.Struct("!Q")

SMALL = 64 * 1024
"""Messages up to this size are joined and written at once."""

_READV = hasattr(os, "readv")

# What the kernel says.
SETUP, JOB, MAP, ITEMS = b"S", b"J", b"M", b"I"
# What the worker says.
OUTPUT, REPLY = b"O", b"R"


def write(fd: int, kind: bytes, parts: Sequence[Part]) -> None:
    """Write one message.

    Raises:
        OSError: Nobody reads any more.
    """
    head = _HEAD.pack(kind, len(parts)) + b"".join(_LENGTH.pack(len(part)) for part in parts)
    if sum(len(part) for part in parts) <= SMALL:
        _write_all(fd, memoryview(b"".join([head, *parts])))
        return
    _write_all(fd, memoryview(head))
    for part in parts:
        _write_all(fd, memoryview(part))


def _write_all(fd: int, view: memoryview) -> None:
    while view:
        view = view[os.write(fd, view) :]


class Incoming:
    """The reading end: takes what there is with one call, and cuts it into messages."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._buffer = b""
        self._at = 0

    @property
    def more(self) -> bool:
        """Whether something has been read already that no message was made of yet."""
        return self._at < len(self._buffer)

    def read(self) -> tuple[bytes, list[bytearray]]:
        """Read one message.

        Raises:
            EOFError: The other side has closed, or has ended.
        """
        kind, count = _HEAD.unpack(self._exactly(_HEAD.size))
        lengths = self._exactly(count * _LENGTH.size)
        return kind, [self._exactly(length) for (length,) in _LENGTH.iter_unpack(lengths)]

    def _exactly(self, size: int) -> bytearray:
        at, end = self._at, self._at + size
        if end <= len(self._buffer):
            self._at = end
            return bytearray(self._buffer[at:end])
        # Writable, as an array was that travels in it.
        data = bytearray(size)
        view = memoryview(data)
        have = len(self._buffer) - at
        view[:have] = self._buffer[at:]
        self._buffer, self._at = b"", 0
        while size - have > SMALL:
            count = os.readv(self.fd, [view[have:]]) if _READV else self._take(view[have:])
            if not count:
                raise EOFError
            have += count
        while have < size:
            self._buffer = os.read(self.fd, SMALL)
            if not self._buffer:
                raise EOFError
            part = self._buffer[: size - have]
            view[have : have + len(part)] = part
            have += len(part)
            self._at = len(part)
        return data

    def _take(self, view: memoryview) -> int:
        data = os.read(self.fd, len(view))
        view[: len(data)] = data
        return len(data)
