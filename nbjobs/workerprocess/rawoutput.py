"""What a worker puts out round Python: read by the kernel between the messages.

It is read here, not in the worker: a library that prints while it holds the interpreter's lock
would fill the pipe and wait for ever for a reader that needs the same lock.
"""

from __future__ import annotations

import codecs
import os
import select
from collections.abc import Callable
from typing import Any

USABLE = hasattr(select, "poll")
"""Whether several pipes can be waited for at once: not on Windows."""

_MOST = 64 * 1024


class RawOutput:
    """Two pipes, for stdout and stderr, of one worker.

    Attributes:
        last: The last piece that came through that of stderr.
    """

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._writing: dict[str, int] = {}
        decoder = codecs.getincrementaldecoder("utf-8")
        self._decoders: dict[int, Any] = {}
        self.last = ""
        poll: Any = select.poll() if USABLE else None
        self._poll = poll
        for name in ("stdout", "stderr") if USABLE else ():
            reading, self._writing[name] = os.pipe()
            self._names[reading] = name
            self._decoders[reading] = decoder("replace")
            poll.register(reading, select.POLLIN)

    def writing(self, name: str) -> int | None:
        """The worker's end of one of them."""
        return self._writing.get(name)

    def started(self, messages: int) -> None:
        """The worker has its ends; `messages` is the pipe that is waited for, too."""
        for fd in self._writing.values():
            os.close(fd)
        self._writing.clear()
        if self._poll is not None:
            self._poll.register(messages, select.POLLIN)

    def wait(self, messages: int, record: Callable[[str, str], object]) -> None:
        """Record what comes, until there is a message."""
        if self._poll is None:
            return
        while True:
            ready = [fd for fd, _ in self._poll.poll()]
            self._take(ready, record)
            if messages in ready:
                return

    def drain(self, record: Callable[[str, str], object]) -> None:
        """Record what is there already."""
        while self._poll is not None:
            ready = [fd for fd, _ in self._poll.poll(0) if fd in self._names]
            if not ready:
                return
            self._take(ready, record)

    def close(self) -> None:
        """Close all that is open."""
        for fd in (*self._names, *self._writing.values()):
            os.close(fd)
        self._names.clear()
        self._writing.clear()
        self._poll = None

    def _take(self, ready: list[int], record: Callable[[str, str], object]) -> None:
        for fd in ready:
            if fd not in self._names:
                continue
            data = os.read(fd, _MOST)
            if not data:
                # All that could write has ended.
                self._poll.unregister(fd)
                continue
            text = self._decoders[fd].decode(data)
            if text:
                self.last = text if self._names[fd] == "stderr" else self.last
                record(self._names[fd], text)
