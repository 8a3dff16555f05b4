"""Results as bytes, without ever harming the writer: bounded in size and in time.

Pickling runs the user's code (`__reduce__`, `__getstate__`), which may raise, print, or never
return. So whatever is not made of plain builtin values is pickled in a thread of its own, which is
given up when it takes too long, and in the job's context, so that what is printed there is the
job's output.
"""

from __future__ import annotations

import io
import pickle
import threading
import time
from collections import deque
from contextvars import Context
from typing import Any

from ..context import current
from ..exceptions import JobError, MissingExtra
from ..resultref import ResultRef
from ..text import seconds
from ..threads import ServiceThread

DEADLINE = 5.0
"""How long, in seconds, one result may take."""

_ATOMS = frozenset((int, float, complex, bool, str, bytes, type(None)))
_PROTOCOL = 5


class _TooLarge(Exception):
    """The limit has been passed."""


class _Bounded(io.BytesIO):
    """Takes so many bytes and no more."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._left = limit

    def write(self, chunk: Any) -> int:
        self._left -= memoryview(chunk).nbytes
        if self._left < 0:
            raise _TooLarge
        return super().write(chunk)


class Pickled:
    """A result on its way to bytes.

    Attributes:
        data: The bytes; None if there are none (yet).
        note: Why there are none; empty if there are.
        begun: When it was begun, by `time.monotonic`; None before.
        given_up: Whether nobody waits for it any more.
        done: Set when it is over.
    """

    def __init__(self, job: object, value: object, limit: int) -> None:
        self.data: bytes | None = None
        self.note = ""
        self.begun: float | None = None
        self.given_up = False
        self.done = threading.Event()
        self._job = job
        self._value = value
        self._limit = limit

    def takes_too_long(self, now: float) -> bool:
        """Whether it should be given up."""
        return not self.over and self.begun is not None and now - self.begun > DEADLINE

    @property
    def over(self) -> bool:
        """Whether nothing more is to come of it."""
        return self.given_up or self.done.is_set()

    def run(self) -> None:
        """Do it."""
        self.begun = time.monotonic()
        try:
            value = self._value
            # What has come with the news of the end; see `Results.of`.
            value = value.peek() if isinstance(value, ResultRef) else value
            self.data = _dumps(value, self._limit)
        except _TooLarge:
            self.note = f"it is larger than {self._limit:,} bytes (NbJobs.journal_result_size)"
        except MissingExtra as error:
            self.note = str(error)
        except BaseException as error:
            # A __reduce__ may raise anything: KeyboardInterrupt and SystemExit are its own here.
            self.note = f"it cannot be pickled: {type(error).__name__}"
        self.end()

    def run_as_job(self) -> None:
        """Do it, with what it prints being the job's."""
        current.set(self._job)
        self.run()

    def end(self) -> None:
        """It is over; lets go of the value."""
        self._value = self._job = None
        self.done.set()


class Picklery:
    """Pickles results, one after the other."""

    def __init__(self) -> None:
        self._thread: _Thread | None = None

    def pickle(self, job: object, value: object, limit: int) -> Pickled:
        """Begin to pickle the result of a job; often it is done at once."""
        pickled = Pickled(job, value, limit)
        if _is_plain(value):
            pickled.run()
        else:
            self._add(pickled)
        return pickled

    def give_up(self, pickled: Pickled) -> None:
        """It takes too long: go on without it, on another thread."""
        pickled.given_up = True
        pickled.note = f"pickling it took longer than {seconds(DEADLINE)}"
        thread, self._thread = self._thread, None
        left = [] if thread is None else thread.stop()
        for other in left:
            if other is not pickled:
                self._add(other)

    def _add(self, pickled: Pickled) -> None:
        if self._thread is None:
            try:
                self._thread = _Thread()
            except RuntimeError:
                # The interpreter ends, and starts no more threads.
                Context().run(pickled.run_as_job)
                return
        self._thread.add(pickled)

    def close(self) -> None:
        """End the thread."""
        if self._thread is not None:
            self._thread.stop()
            self._thread = None


class _Thread:
    """The thread and what it has still to do; sleeps when that is nothing."""

    def __init__(self) -> None:
        self._left: deque[Pickled | None] = deque()
        self._bell = threading.Semaphore(0)
        ServiceThread(self._run, "nbjobs-pickles").start()

    def add(self, pickled: Pickled) -> None:
        """One more."""
        self._left.append(pickled)
        self._bell.release()

    def stop(self) -> list[Pickled]:
        """End it after the one it is at; returns the others."""
        left = []
        while self._left:
            pickled = self._left.popleft()
            if pickled is not None:
                left.append(pickled)
        self._left.append(None)
        self._bell.release()
        return left

    def _run(self) -> None:
        while True:
            self._bell.acquire()
            try:
                pickled = self._left.popleft()
            except IndexError:
                continue  # It was taken back by `stop`, whose own sign comes next.
            if pickled is None:
                return
            Context().run(pickled.run_as_job)


def _is_plain(value: object) -> bool:
    """Whether pickling it runs no foreign code and takes no time."""
    kind = type(value)
    if kind in _ATOMS:
        return True
    # A copy: the user may be changing it.
    if kind is list or kind is tuple:
        items = list(value)  # type: ignore[call-overload]
        return len(items) <= 1000 and all(type(item) in _ATOMS for item in items)
    return False


def _dumps(value: object, limit: int) -> bytes:
    """Pickle a value; what is defined in the user's own session goes along with it.

    Raises:
        _TooLarge: That takes more than `limit` bytes.
        MissingExtra: Only cloudpickle could do it, and it is not installed.
        Exception: Whatever the value's own code raises.
    """
    if type(value) in (str, bytes) and len(value) > limit:  # type: ignore[arg-type]
        raise _TooLarge
    buffer = _Bounded(limit)
    try:
        pickle.Pickler(buffer, _PROTOCOL).dump(value)
        data = buffer.getvalue()
        # By reference, `__main__` of a later session would have to have the same classes.
        if b"__main__" not in data:
            return data
    except (pickle.PicklingError, AttributeError, TypeError):
        # Functions and classes made in functions; the rest fails again below.
        pass
    return _dumps_with_code(value, limit)


def _dumps_with_code(value: object, limit: int) -> bytes:
    try:
        # Only here: most results need nothing but the standard library.
        import cloudpickle
    except ImportError:
        raise MissingExtra(
            "keeping functions, and objects of classes that were defined in the session, needs "
            "cloudpickle: pip install 'nbjobs[journal]'"
        ) from None
    buffer = _Bounded(limit)
    cloudpickle.CloudPickler(buffer, _PROTOCOL).dump(value)
    return buffer.getvalue()


def load(data: bytes) -> Any:
    """The value again. This may run any code: only for data that the user has written.

    Raises:
        JobError: It cannot be loaded here; the cause says why.
    """
    try:
        return pickle.loads(data)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "cloudpickle":
            raise MissingExtra(
                "this result needs cloudpickle to be loaded: pip install 'nbjobs[journal]'"
            ) from error
        raise JobError(f"this result needs a module that is not here: {error.name}") from error
    except Exception as error:
        raise JobError(f"this result cannot be loaded here: {error}") from error
