"""Text streams that send what a job prints to that job.

Which job is a matter of the code's context, so it is decided at each `write`. Two forms are needed:

- A stream written in Python, such as ipykernel's, has its class replaced by a subclass of it. The
  object stays the same, so log handlers that hold it, and `isinstance` checks, see no difference.
- Any other stream is wrapped in a proxy, which takes its place in `sys`.

In both, `write` is a property. IPython 9 replaces `sys.stdout.write` while a cell runs, to keep
what it prints in the history, and puts back at the end of the cell what it found at its start. A
plain attribute would be lost then, and job text would have gone into the history of whatever cell
ran meanwhile. The property takes the replacement for all but jobs.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable
from types import MethodType
from typing import Any

from ..context import current

Write = Callable[[str], object]

_job = current.get

_needless: Callable[[], bool] = bool


class Routed:
    """Base of the classes made here: a stream whose text goes to the job that prints it.

    Attributes:
        nbjobs_stream: "stdout" or "stderr".
        nbjobs_write: The `write` for code that runs for no job: the stream's own, or what has been
            put in its place. Kept ready, because looking it up is all that we cost such code.
    """

    nbjobs_stream: str
    nbjobs_write: Write

    def nbjobs_own_write(self) -> Write:
        """The stream's own `write`."""
        raise NotImplementedError

    def nbjobs_own_flush(self) -> None:
        """The stream's own `flush`: in a job, `flush` does nothing."""
        raise NotImplementedError

    @property
    def write(self) -> Write:
        """The `write` of the running code: its job's, or everybody else's."""
        job = _job()
        if job is None:
            return self.nbjobs_write
        write: Write = job.recorder.writer(self.nbjobs_stream)
        return write

    @write.setter
    def write(self, replacement: Write) -> None:
        self.nbjobs_write = replacement

    @write.deleter
    def write(self) -> None:
        self.nbjobs_write = self.nbjobs_own_write()

    def writelines(self, lines: Any) -> None:
        """Write each string of `lines`."""
        write = self.write
        for line in lines:
            write(line)


def route_class(stream: Any, name: str) -> Callable[[], None]:
    """Replace the class of `stream`, the stream `name`, by one that sends job text to the job.

    Returns:
        The function that undoes it.
    """
    kind = type(stream)
    own_write, own_flush = kind.write, kind.flush

    def own(self: Any) -> Write:
        return MethodType(own_write, self)

    def flush(self: Any) -> None:
        # In a job there is nothing to flush; ipykernel's would wait for its output thread.
        if current.get() is None and not _needless():
            own_flush(self)

    members = {
        "nbjobs_stream": name,
        "nbjobs_own_write": own,
        "nbjobs_own_flush": own_flush,
        "flush": flush,
        "__doc__": kind.__doc__,
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
    }
    routed = type(kind.__name__, (Routed, kind), members)
    # IPython's replacement is in place already while a cell runs, as it does during %load_ext.
    replacement = vars(stream).pop("write", None)
    stream.__class__ = routed
    stream.nbjobs_write = replacement or stream.nbjobs_own_write()

    def undo() -> None:
        # Unless somebody has made a subclass of ours, which must then stay.
        if stream.__class__ is not routed:
            return
        replacement = vars(stream).pop("nbjobs_write")
        own_again = MethodType(own_write, stream)
        stream.__class__ = kind
        if replacement != own_again:
            vars(stream)["write"] = replacement

    return undo


def spare_flushes(needless: Callable[[], bool]) -> None:
    """Leave flushes of streams written in Python out where `needless` says so."""
    global _needless
    _needless = needless


class Proxy(Routed):
    """Stands for a stream and sends job text to the job; everything else reaches the stream.

    Attributes:
        nbjobs_target: The stream.
        nbjobs_lock: Held for each write, and by whoever puts another stream in place of this one.
    """

    def __init__(self, stream: Any, name: str) -> None:
        self.nbjobs_stream = name
        self.nbjobs_target = stream
        self.nbjobs_write = self._nbjobs_pass_on
        self._nbjobs_midline = False
        # Reentrant: a write may run a `__del__` that writes.
        self.nbjobs_lock = threading.RLock()

    def nbjobs_own_write(self) -> Write:
        """Passes text on to the stream."""
        return self._nbjobs_pass_on

    def _nbjobs_pass_on(self, text: str) -> object:
        with self.nbjobs_lock:
            written: object = self.nbjobs_target.write(text)
            if text:
                self._nbjobs_midline = text[-1] != "\n"
        return written

    def nbjobs_begin_line(self) -> None:
        """Somebody begins a line, round this proxy."""
        with self.nbjobs_lock:
            self._nbjobs_midline = True

    def nbjobs_write_lines(self, lines: str, *, now: bool) -> bool:
        """Write whole lines between the lines that others write.

        Returns:
            False, and nothing is written, if this stream is not in use any more, or if somebody is
            in the middle of a line; with `now`, that line is ended instead.
        """
        with self.nbjobs_lock:
            if getattr(sys, self.nbjobs_stream) is not self:
                return False
            if self._nbjobs_midline:
                if not now:
                    return False
                self._nbjobs_pass_on("\n")
            self._nbjobs_pass_on(lines)
        self.nbjobs_target.flush()
        return True

    def nbjobs_own_flush(self) -> None:
        """Flush the stream."""
        self.nbjobs_target.flush()

    def flush(self) -> None:
        """Flush the stream; nothing in a job."""
        if current.get() is None:
            self.nbjobs_target.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.nbjobs_target, name)


# For code that asks; inheriting would put TextIOBase's own methods before the stream's.
io.TextIOBase.register(Proxy)


def routed(stream: Any) -> bool:
    """Whether the stream sends job text to jobs by itself."""
    return isinstance(stream, Routed)


def proxied(stream: Any, name: str) -> Any:
    """`stream`, or a proxy for it if it does not send job text to jobs by itself."""
    if stream is None or routed(stream):
        return stream
    return Proxy(stream, name)


def target_in(job: Any, stream: Any) -> Any:
    """What `stream` means to the job's code now, as something to redirect to.

    One of our streams is resolved at once: looked up at each write it would find the redirection
    that leads to it.
    """
    if stream is None:
        return Discarding()
    return Resolved(job.recorder.writer(stream.nbjobs_stream)) if routed(stream) else stream


class Resolved:
    """A redirection's target that is known by its `write` alone."""

    def __init__(self, write: Write) -> None:
        self.write = write


class Discarding:
    """What a job's stream is while it is None: `print` is silent then."""

    def write(self, text: str) -> int:
        """Do nothing."""
        return len(text)
