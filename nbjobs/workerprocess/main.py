"""What a worker process runs: jobs, one after the other, until the kernel closes the pipe."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import Any

from ..exceptions import JobError
from ..remote import parcel, runner
from ..remote.relay import Message
from . import channel, surroundings


def main() -> None:
    """Serve the kernel at the other end of stdin and stdout."""
    # Both are ours alone: what the jobs' code, and what it starts, reads and writes is not to get
    # among the messages.
    incoming = channel.Incoming(os.dup(0))
    outgoing = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    # The kernel's pipe for what is printed round Python; where there is none, what stderr is.
    stdout = int(sys.argv[1]) if sys.argv[1:] else 2
    os.dup2(stdout, 1)
    if stdout != 2:
        os.close(stdout)
    del sys.argv[1:]
    with suppress(EOFError, BrokenPipeError):
        _Server(incoming, outgoing).serve()
    # At once: a thread that a job has left behind must not keep the process.
    os._exit(0)


class _Server:
    """The conversation with the kernel."""

    def __init__(self, incoming: channel.Incoming, outgoing: int) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._items: runner.Items | None = None
        self._set_up = False
        self._busy = False
        signal.signal(signal.SIGTERM, self._terminate)

    def serve(self) -> None:
        """Do what the kernel says.

        Raises:
            EOFError: The kernel has closed its end.
        """
        while True:
            kind, parts = self._incoming.read()
            if kind == channel.SETUP:
                self._on_setup(parcel.load(parts[0]))
                continue
            self._busy = True
            try:
                reply = self._answer(kind, parts[0], parts[1:])
            finally:
                self._busy = False
            channel.write(self._outgoing, channel.REPLY, [reply.data, *reply.buffers])

    def _answer(self, kind: bytes, data: bytearray, buffers: list[bytearray]) -> parcel.Parcel:
        if kind == channel.JOB:
            return runner.run(data, buffers, self._send)
        if kind == channel.MAP:
            try:
                self._items = runner.Items(data, buffers, self._send)
            except JobError as error:
                return parcel.dump(error)
            return parcel.dump(None)
        assert self._items is not None
        return self._items.run(data, buffers)

    def _send(self, messages: list[Message]) -> None:
        channel.write(self._outgoing, channel.OUTPUT, [parcel.dump(messages).data])

    def _on_setup(self, told: dict[str, Any]) -> None:
        sys.path[:] = told["path"]
        with suppress(OSError):
            os.chdir(told["folder"])
        if not self._set_up:
            self._set_up = True
            surroundings.install(shell=told["shell"])

    def _terminate(self, number: int, frame: object) -> None:
        """The kernel wants the job to end; soon it kills the process."""
        if not self._busy:
            os._exit(0)
        raise runner.Terminated
