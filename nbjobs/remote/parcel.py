"""Pickling by value: functions and classes of a notebook travel with what they use.

This module imports cloudpickle; it is imported when work first has to travel.
"""

from __future__ import annotations

import builtins
import io
import pickle
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FunctionType, MethodType
from typing import Any

import cloudpickle

from ..exceptions import JobError

#: A large array is sent from where it lies: it is not copied into the pickle first.
Buffer = bytes | bytearray | memoryview


VERSIONS = {
    "Python": ".".join(map(str, sys.version_info[:2])),
    "cloudpickle": ".".join(cloudpickle.__version__.split(".")[:2]),
}
"""What must be the same at both ends: code is not compatible from one Python to the next."""

APART = 2**20
"""From how many bytes on bytes are sent from where they lie."""

PLAIN = frozenset({type(None), bool, int, float, str, bytes})
"""Types that need no more than the standard library's pickle, which is faster."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something pickled.

    Attributes:
        data: The pickle.
        buffers: The contents of arrays and the like, outside of it.
        files: The names of the files that pickled functions come from.
    """

    data: bytes
    buffers: list[Buffer] = field(default_factory=list)
    files: set[str] = field(default_factory=set)

    @property
    def size(self) -> int:
        """How many bytes there are to be sent."""
        return len(self.data) + sum(len(buffer) for buffer in self.buffers)


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # Untyped.
    def __init__(self, file: io.BytesIO, keep: Callable[[pickle.PickleBuffer], Any] | None) -> None:
        super().__init__(file, protocol=5, buffer_callback=keep)
        self.files: set[str] = set()

    def reducer_override(self, obj: Any) -> Any:
        if type(obj) is FunctionType:
            self.files.add(obj.__code__.co_filename)
        if type(obj) is MethodType and obj.__name__ == "get_ipython":
            # What `!cmd` and magics in functions of the notebook call: there it is the worker's.
            return _get_ipython, ()
        return super().reducer_override(obj)


def _get_ipython() -> Any:
    try:
        return vars(builtins)["get_ipython"]
    except KeyError:
        raise JobError("there is no IPython shell in this worker: magics do not work") from None


def dump(value: Any, shared: tuple[dict[str, Any], dict[str, Any]] | None = None) -> Parcel:
    """Pickle `value`.

    Args:
        value: What to pickle.
        shared: A namespace, and the part of it that travels in `value`: functions whose globals
            the first is will find theirs in the second.

    Raises:
        Exception: Whatever the objects raise that cannot be pickled.
    """
    if type(value) in PLAIN:
        return Parcel(pickle.dumps(value, 5))
    buffers: list[Buffer] = []
    file = io.BytesIO()
    pickler = _Pickler(file, lambda buffer: buffers.append(buffer.raw()))
    if shared is not None:
        # Else the pickler makes a dict of its own for them, and a name that a function sets would
        # not be seen by the code that calls it.
        pickler.globals_ref[id(shared[0])] = shared[1]
    pickler.dump(value)
    return Parcel(file.getvalue(), buffers, pickler.files)


def apart(value: Any) -> Any:
    """What to pickle in the place of `value`: large bytes then stay out of the pickle, uncopied."""
    if type(value) in (bytes, bytearray) and len(value) >= APART:
        return _Apart(value)
    return value


class _Apart:
    def __init__(self, value: bytes | bytearray) -> None:
        self._value = value

    def __reduce__(self) -> Any:
        return _together, (type(self._value), pickle.PickleBuffer(self._value))


def _together(kind: type[Any], buffer: Any) -> Any:
    return buffer if type(buffer) is kind else kind(buffer)


def measure(value: Any) -> int:
    """How many bytes it takes to send `value`, without a copy of it being made."""
    count = _Count()
    buffers: list[Buffer] = []
    pickler = _Pickler(count, lambda buffer: buffers.append(buffer.raw()))  # type: ignore[arg-type]
    pickler.dump(apart(value))
    return count.size + sum(len(buffer) for buffer in buffers)


class _Count:
    """A file that forgets."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: Buffer) -> int:
        self.size += len(data)
        return len(data)


def load(data: Buffer, buffers: Sequence[Buffer] = ()) -> Any:
    """What was pickled."""
    return pickle.loads(data, buffers=buffers)


def fails(value: Any) -> Exception | None:
    """Why `value` cannot be pickled; None if it can."""
    try:
        dump(value)
    except Exception as error:
        return error
    return None
