"""A job's result that stays on a Dask cluster until it is read."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from ..exceptions import JobTimeout
from ..resultref import ResultRef
from . import terms

if TYPE_CHECKING:
    from .dasklink import DaskLink

LOOK = 1.0
"""How often, in seconds, a reader sees whether the client is still there that is to bring it."""


class DaskResult(ResultRef):
    """The result of one job.

    Dask keeps it as long as this object holds its future: until it has been read, or until nothing
    refers to this object any more, because its job was removed.

    Args:
        link: The link to the cluster.
        num: The job's number.
        ended: What the worker has said of it: its type, its repr, and itself if it is small.
        sent: Dask's future.
    """

    def __init__(self, link: DaskLink, num: int, ended: terms.Ended, sent: Any) -> None:
        self.type_name, self.text, packed = ended
        self._link = link
        self._num = num
        # Guards what follows. Reentrant: unpickling runs the user's code.
        self._lock = threading.RLock()
        self._sent: Any = sent
        self._coming: Future[terms.Packed] | None = None
        if packed is not None:
            self._coming = Future()
            self._coming.set_result(packed)
        self._loaded = False
        self._value: Any = None

    def sent_by(self, link: object) -> Any:
        """Dask's future for a task of the same link; None if it is not there any more."""
        return self._sent if link is self._link else None

    @property
    def near(self) -> bool:
        """Whether it is here, though perhaps not unpickled."""
        coming = self._coming
        return self._loaded or (coming is not None and coming.done() and coming.exception() is None)

    def bring(self) -> Future[Any]:
        """Have it brought here."""
        with self._lock:
            if self._coming is None and self._loaded:
                self._coming = Future()
                self._coming.set_result(())
            if self._coming is None:
                self._coming = self._link.fetch(self._num, self._sent)
            return self._coming

    def read(self, timeout: float | None = None) -> Any:
        """The value; waits until it is here, and has Dask let go of it."""
        self._wait(timeout)
        with self._lock:
            value = self.peek()
            self._sent = None
            return value

    def peek(self) -> Any:
        """The value, if it is `near`; Dask goes on keeping it."""
        with self._lock:
            if not self._loaded:
                self._value = terms.value_of(self.bring().result(0))
                self._loaded = True
                self._coming = None
            return self._value

    def _wait(self, timeout: float | None) -> None:
        if self._loaded:
            return
        coming = self.bring()
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            rest = LOOK if end is None else min(LOOK, end - time.monotonic())
            try:
                coming.exception(max(0.0, rest))
            except TimeoutError:
                if end is not None and time.monotonic() >= end:
                    raise JobTimeout(
                        f"job {self._num} has succeeded, but its result has not come within "
                        f"{timeout} s"
                    ) from None
                if not self._link.connected:
                    # Its loop has ended, and with it all that could bring the result.
                    raise self._link.unreachable(self._num) from None
            else:
                return
