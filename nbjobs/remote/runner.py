"""The worker's side: unpack a job, run it, and pack what it came to."""

from __future__ import annotations

import asyncio
import inspect
import io
import linecache
import pickle
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

from ..capture import finishing
from ..coderun import CodeRun
from ..context import current
from ..exceptions import JobError
from ..killing import KillSignal
from ..tracebacks import error_text
from . import errors, inputs, parcel
from .relay import Relay, Send, StandIn

Packed = tuple[bytes, list[parcel.Buffer]]
"""A parcel's data and buffers, inside another parcel."""


class Terminated(SystemExit):
    """Raised in a worker's job that is to end."""


@dataclass(slots=True)
class Reply:
    """What a job came to: a `value`, or an `error`.

    Attributes:
        value: What it returned.
        error: What it raised.
        text: The error in a line.
        trace: Its traceback as text.
        exports: The names that were to be brought back.
    """

    value: Any = None
    error: BaseException | None = None
    text: str = ""
    trace: str = ""
    exports: dict[str, Any] = field(default_factory=dict)


def run(
    data: parcel.Buffer,
    buffers: Sequence[parcel.Buffer],
    send: Send,
    *,
    given: Sequence[Callable[[], Any]] = (),
    keep: Callable[[Any], None] | None = None,
) -> parcel.Parcel:
    """Run a packed job in this thread; returns the packed reply.

    The last of its buffers holds the messages that had not been sent by then: one that is sent by
    itself takes as long as a small job.

    Whatever the job raises is in the reply, but for a kill by the gate that this is called in.

    Args:
        data: The parcel's data.
        buffers: Its buffers.
        send: Carries lists of messages to the kernel; called from several threads, one at a time.
        given: What makes the arguments that the parcel does not hold; see `inputs`.
        keep: Told of the value, if there is nothing but that in the reply, and it is packed.
    """
    try:
        file, stand_in = _open(data, send)
    except JobError as error:
        packed = errors.pack_error(Reply(error=error, text=error_text(error)))
        packed.buffers.append(b"")
        return packed
    try:
        # In a context of its own, as in the kernel: nothing is left over for the next job.
        packed = Context().run(_run, file, buffers, stand_in, given, keep)
        # A reply that may stay here until it is read cannot carry what is to be seen at once.
        last = [] if keep is not None else stand_in.recorder.take()
        packed.buffers.append(parcel.dump(last).data if last else b"")
        return packed
    finally:
        stand_in.recorder.flush()


class Items:
    """The worker's side of a map: a function, called for the items of one portion after another.

    Raises:
        JobError: The function cannot be loaded here.
    """

    def __init__(self, data: parcel.Buffer, buffers: Sequence[parcel.Buffer], send: Send) -> None:
        file, self._stand_in = _open(data, send)
        self._context = Context()
        self._context.run(current.set, self._stand_in)
        self._function, self._spread = self._context.run(_load, file, buffers)["work"]

    def run(self, data: parcel.Buffer, buffers: Sequence[parcel.Buffer]) -> parcel.Parcel:
        """Call it for the packed items.

        Returns:
            A parcel of their values, in their order, and of the errors by their places.
        """
        try:
            return self._context.run(self._run, data, buffers)
        finally:
            self._stand_in.recorder.flush()

    def _run(self, data: parcel.Buffer, buffers: Sequence[parcel.Buffer]) -> parcel.Parcel:
        values: list[Any] = []
        failed: dict[int, Packed] = {}
        function, spread = self._function, self._spread
        for row in parcel.load(data, buffers):
            try:
                value = function(*row) if spread else function(row)
            except (Terminated, KillSignal):
                raise
            except BaseException as error:
                reply = Reply(error=error, text=error_text(error), trace=errors.trace_of(error))
                failed[len(values)] = _parts(errors.pack_error(reply))
                value = None
            values.append(value)
        try:
            return parcel.dump((values, failed))
        except Exception:
            # One of the values cannot travel: it alone fails.
            for place, value in enumerate(values):
                if parcel.fails(value) is not None:
                    failed[place], values[place] = self._why(value), None
            return parcel.dump((values, failed))

    @staticmethod
    def _why(value: Any) -> Packed:
        try:
            return _parts(errors.pack_value(Reply(value)))
        except Exception as error:
            return _parts(errors.pack_error(Reply(error=error, text=error_text(error))))


def _parts(packed: parcel.Parcel) -> Packed:
    return packed.data, packed.buffers


def _open(data: parcel.Buffer, send: Send) -> tuple[io.BytesIO, StandIn]:
    file = io.BytesIO(data)
    head = pickle.load(file)
    if head["versions"] != parcel.VERSIONS:
        raise errors.other_versions(head["versions"])
    for name, lines in head["sources"].items():
        linecache.cache[name] = (sum(map(len, lines)), None, lines, name)
    return file, StandIn(head["num"], Relay(send))


def _load(file: io.BytesIO, buffers: Sequence[parcel.Buffer]) -> Any:
    try:
        return pickle.load(file, buffers=buffers)
    except Exception as error:
        raise errors.cannot_load(error) from error


def _run(
    file: io.BytesIO,
    buffers: Sequence[parcel.Buffer],
    stand_in: StandIn,
    given: Sequence[Callable[[], Any]],
    keep: Callable[[Any], None] | None,
) -> parcel.Parcel:
    current.set(stand_in)
    finishing.start()
    try:
        body = _load(file, buffers)
        namespace = body["values"]
        work = inputs.filled(body["work"], given) if given else body["work"]
        value = _call(body["kind"], work, namespace)
        exports = _exported(body["export"], namespace)
        finishing.value(value)
        return _packed(Reply(value, exports=exports), keep)
    except (Terminated, KillSignal):
        raise
    except BaseException as error:
        text = error_text(error)
        finishing.error(error)
        return errors.pack_error(Reply(error=error, text=text, trace=errors.trace_of(error)))


def _packed(reply: Reply, keep: Callable[[Any], None] | None) -> parcel.Parcel:
    packed = errors.pack_value(reply)
    if keep is not None and not reply.exports:
        keep(reply.value)
    return packed


def _call(kind: str, work: Any, namespace: dict[str, Any]) -> Any:
    if kind == "code":
        namespace.setdefault("__name__", "__main__")
        return CodeRun(work, namespace, namespace)()
    function, args, kwargs = work
    value = function(*args, **kwargs)
    if inspect.iscoroutine(value):
        with asyncio.Runner() as runner:
            return runner.run(value)
    return value


def _exported(names: Sequence[str], namespace: dict[str, Any]) -> dict[str, Any]:
    missing = [name for name in names if name not in namespace]
    if missing:
        raise JobError(f"there is no {missing[0]} to export: the code has not assigned it")
    return {name: namespace[name] for name in names}
