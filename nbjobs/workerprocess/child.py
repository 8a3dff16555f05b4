"""The kernel's handle of one worker process."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from ..remote import packing, parcel
from ..remote.relay import Message
from ..text import one_line
from . import channel, guardian
from .rawoutput import RawOutput

_ROOT = str(Path(__file__).parents[2])

#: Found even where nbjobs is not installed but on the kernel's path.
_START = (
    f"import sys; sys.path.append({_ROOT!r}); from nbjobs.workerprocess.main import main; main()"
)

_count = itertools.count()

Reply = tuple[bytearray, list[bytearray]]


class WorkerDied(Exception):
    """The process has ended; says how."""


class Child:
    """One worker process, from its start to its end. Used by one thread, but for its ending."""

    def __init__(self, *, shell: bool) -> None:
        self._mark = f"{os.getpid()}-{next(_count)}"
        self._raw = RawOutput()
        self._reaping = threading.Lock()
        stdout = self._raw.writing("stdout")
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, *([] if stdout is None else [str(stdout)])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._raw.writing("stderr"),
                bufsize=0,
                pass_fds=[] if stdout is None else [stdout],
                env={**os.environ, guardian.MARK: self._mark},
                # An interrupt of the kernel signals the kernel's whole group.
                start_new_session=True,
            )
        except OSError:
            self._raw.close()
            raise
        self.pid = self._process.pid
        self._out = cast(BinaryIO, self._process.stdin).fileno()
        self._in = channel.Incoming(cast(BinaryIO, self._process.stdout).fileno())
        self._raw.started(self._in.fd)
        self._told: dict[str, Any] = {}
        self._shell = shell
        try:
            guardian.guardian.watch(self.pid, self._mark)
            self._tell()
        except (OSError, WorkerDied):
            self.close()
            raise

    def send(self, kind: bytes, packed: parcel.Parcel) -> None:
        """Send it a packed job, function or portion of items; see `channel`.

        Raises:
            WorkerDied: It has ended.
        """
        if kind != channel.ITEMS:
            self._tell()
        self._send(kind, packed)

    def receive(self, record: Callable[[str, str], object]) -> list[Message] | Reply:
        """Wait for what comes next: messages, or the parts of the reply.

        Args:
            record: Given what is printed meanwhile: the name of the stream, and text.

        Raises:
            WorkerDied: It has ended.
        """
        try:
            if not self._in.more:
                self._raw.wait(self._in.fd, record)
            kind, parts = self._in.read()
        except (EOFError, OSError) as error:
            raise self._died(record) from error
        if kind == channel.OUTPUT:
            messages: list[Message] = parcel.load(parts[0])
            return messages
        # All that was printed before is in the pipes by now.
        self._raw.drain(record)
        return parts[0], parts[1:]

    def ask_to_end(self) -> None:
        """Have the job's code end, its `finally` blocks run; may be called from any thread."""
        if hasattr(signal, "SIGTERM") and hasattr(os, "killpg"):
            with suppress(OSError):
                os.kill(self.pid, signal.SIGTERM)
        else:
            self.end()

    def end(self) -> None:
        """Kill it at once, and all that it has started; may be called from any thread."""
        with self._reaping:
            # Not when it has been waited for: its number may be another's by now.
            if self._process.returncode is None:
                guardian.end_group(self.pid)
                self._process.kill()
        guardian.end_marked(self._mark)

    def close(self) -> None:
        """End it, and wait until it has ended."""
        self._reap()
        guardian.guardian.release(self.pid)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._raw.close()

    def _reap(self) -> int:
        self.end()
        with self._reaping:
            return self._process.wait()

    def _tell(self) -> None:
        """Tell it where it is, if it does not know, or if that has changed."""
        told = packing.surroundings()
        if told != self._told:
            self._send(channel.SETUP, parcel.dump({**told, "shell": self._shell}))
            self._told = told

    def _send(self, kind: bytes, packed: parcel.Parcel) -> None:
        try:
            channel.write(self._out, kind, [packed.data, *packed.buffers])
        except OSError as error:
            raise self._died(lambda *_: None) from error

    def _died(self, record: Callable[[str, str], object]) -> WorkerDied:
        code = self._reap()
        self._raw.drain(record)
        lines = self._raw.last.strip().splitlines()
        said = f". Its last words: {one_line(lines[-1], 200)}" if lines else ""
        if code < 0:
            how = f"was ended by {signal.Signals(-code).name}"
        else:
            how = f"has ended with exit code {code}"
        return WorkerDied(f"the worker process {self.pid} {how}{said}")
