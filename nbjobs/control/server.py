"""The kernel's end: lets its own user kill jobs from outside."""

from __future__ import annotations

import json
import logging
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from ..exceptions import JobError
from ..threads import ServiceThread
from .places import new_place, remove_stale

log = logging.getLogger(__name__)

Answer = Callable[[dict[str, Any]], dict[str, Any]]

_LONGEST = 65536
"""Bytes of a request."""

_PATIENCE = 5.0
"""Seconds within which a request has to come in."""


class Door:
    """Listens for requests until it is closed.

    Args:
        folder: The folder of the socket.
        token: What every request has to know: it is in the journal, which is the user's own.
        answer: Called in a thread of its own with each request; returns the answer.

    Attributes:
        place: The socket.

    Raises:
        OSError: There can be no socket there.
    """

    def __init__(self, folder: Path, token: str, answer: Answer) -> None:
        self.place = new_place(folder, token)
        self._token = token
        self._answer = answer
        self._pid = os.getpid()
        self._closed = False
        remove_stale(folder)
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            # For the owner only: on Linux from the start, elsewhere a moment later. Not by the
            # umask, which is the whole process's.
            with suppress(OSError):
                os.fchmod(self._socket.fileno(), 0o600)
            self._socket.bind(str(self.place))
            self.place.chmod(0o600)
            self._socket.listen(8)
            self._thread = ServiceThread(self._serve, "nbjobs-door")
            self._thread.start()
        except BaseException:
            self._socket.close()
            with suppress(FileNotFoundError):
                self.place.unlink()
            raise

    def close(self) -> None:
        """Listen no longer, and remove the socket."""
        if self._closed or os.getpid() != self._pid:
            return
        self._closed = True
        # Wakes the thread, which then closes its end.
        with suppress(OSError), socket.socket(socket.AF_UNIX) as visitor:
            visitor.settimeout(1.0)
            visitor.connect(str(self.place))
        with suppress(FileNotFoundError):
            self.place.unlink()
        self._thread.join(1.0)

    def _serve(self) -> None:
        with self._socket:
            while not self._closed:
                try:
                    visitor, _ = self._socket.accept()
                except OSError:
                    if self._closed:
                        return
                    log.exception("nbjobs: this kernel cannot be reached from outside any more")
                    return
                if self._closed:
                    visitor.close()
                    return
                # One each: a kill may take its time.
                ServiceThread(partial(self._attend, visitor), "nbjobs-visit").start()

    def _attend(self, visitor: socket.socket) -> None:
        with visitor:
            visitor.settimeout(_PATIENCE)
            try:
                reply = self._reply(visitor)
                visitor.sendall(json.dumps(reply).encode() + b"\n")
            except (OSError, ValueError):
                # Gone, too slow, or not one of ours: there is nobody to tell.
                log.debug("nbjobs: a request from outside was not understood", exc_info=True)

    def _reply(self, visitor: socket.socket) -> dict[str, Any]:
        if not same_user(visitor):
            return {"error": "this kernel belongs to another user"}
        with visitor.makefile("rb") as lines:
            request = json.loads(lines.readline(_LONGEST))
        if not isinstance(request, dict) or request.pop("token", None) != self._token:
            return {"error": "another kernel has taken the place of the one that was meant"}
        try:
            return self._answer(request)
        except (JobError, TypeError, ValueError) as error:
            return {"error": str(error)}


def same_user(visitor: socket.socket) -> bool:
    """Whether the process at the other end is of our user, where the system tells."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return True  # The mode of the socket's file has to do.
    _, user, _ = struct.unpack("3i", visitor.getsockopt(socket.SOL_SOCKET, option, 12))
    return bool(user == os.geteuid())
