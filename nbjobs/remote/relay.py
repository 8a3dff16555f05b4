"""A worker's stand-in for the job whose code it runs: it passes on what the code puts out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from ..capture.entries import bundle
from ..capture.redirects import Redirectable
from ..progress import Count, Progress
from ..threads import ServiceThread

Message = tuple[Any, ...]
Send = Callable[[list[Message]], object]

PAUSE = 0.05
"""How long, in seconds, small output is held back, so that many prints travel together."""

MOST = 64 * 1024
"""How many characters are never held back."""


class _Flusher:
    """The thread that sends what has waited for long enough; started when first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._due: set[Relay] = set()
        self._wake = threading.Event()
        self._running = False

    def soon(self, relay: Relay) -> None:
        """Flush `relay` after the pause, if it is still there."""
        with self._lock:
            self._due.add(relay)
            if not self._running:
                self._running = True
                ServiceThread(self._work, "nbjobs-relay").start()
        self._wake.set()

    def _work(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            time.sleep(PAUSE)
            with self._lock:
                due, self._due = self._due, set()
            for relay in due:
                relay.flush()


_flusher = _Flusher()


class Relay(Redirectable):
    """Has the methods of `capture.recorder.Recorder` that write, and sends what they are given.

    Args:
        send: Carries messages to the kernel.
    """

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send
        # Guards the next three. Reentrant: a `__del__` that prints may run anywhere.
        self._lock = threading.RLock()
        self._waiting: list[Message] = []
        self._size = 0
        self._shown: set[str] = set()

    def write(self, name: str, text: str) -> int:
        """Add text to the stream `name`."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._add(("text", name, text), len(text))
        return len(text)

    def display(
        self,
        data: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        *,
        display_id: str | None = None,
    ) -> None:
        """Add a display: a MIME bundle."""
        if display_id is not None:
            self._shown.add(display_id)
        self._rich("display", data, metadata, display_id)

    def update(
        self, display_id: str, data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None
    ) -> bool:
        """Replace what was displayed under `display_id`; False if that was not displayed here."""
        if display_id not in self._shown:
            return False
        self._rich("update", data, metadata, display_id)
        return True

    def result(self, data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> None:
        """Add the value that the job's code ended with."""
        content = bundle(data, metadata)
        # Whoever runs the code is about to take it, or to flush: no thread is woken for that.
        with self._lock:
            self._waiting.append(("result", content["data"], content["metadata"], None))

    def error(self, ename: str, evalue: str, traceback: list[str]) -> None:
        """Add an error, its traceback rendered in lines."""
        self._add(("error", str(ename), str(evalue), [str(line) for line in traceback]), 0)

    def clear(self, wait: bool = False) -> None:
        """Forget all output; with `wait`, only when the next comes."""
        self._add(("clear", bool(wait)), 0)

    def progress(self, count: Count) -> None:
        """The job is so far."""
        self._add(("progress", *count, getattr(count, "description", "")), 0)

    def flush(self) -> None:
        """Send what waits."""
        # The lock is held while it is sent: else later output could overtake it.
        with self._lock:
            waiting = self.take()
            if waiting:
                self._send(waiting)

    def take(self) -> list[Message]:
        """What waits, for whoever sends it in another way."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            self._size = 0
            return waiting

    def _rich(
        self, kind: str, data: Mapping[str, Any], metadata: Any, display_id: str | None
    ) -> None:
        # Checked here, where the mistake was made, and so that plain values alone travel.
        content = bundle(data, metadata)
        self._add((kind, content["data"], content["metadata"], display_id), MOST)

    def _add(self, message: Message, size: int) -> None:
        with self._lock:
            self._waiting.append(message)
            self._size += size
            if self._size >= MOST:
                self.flush()
            elif len(self._waiting) == 1:
                _flusher.soon(self)


class StandIn:
    """What `current_job()` is in a worker.

    Attributes:
        num: The job's number.
        recorder: Takes its output.
    """

    def __init__(self, num: int, relay: Relay) -> None:
        self.num = num
        self.recorder = relay
        self._count = Count(None, None)

    @property
    def progress(self) -> Progress:
        """How far it is; call it to say so."""
        return Progress.of(self._count, self._set)

    def _set(self, count: Count) -> None:
        self._count = count
        self.recorder.progress(count)
