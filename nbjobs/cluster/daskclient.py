"""A client of a Dask cluster, and what it is given to carry."""

from __future__ import annotations

import pickle
from contextlib import suppress
from typing import Any

import distributed

from ..exceptions import JobError
from ..remote import parcel
from . import terms


class _Client(distributed.Client):
    def start(self, **kwargs: Any) -> Any:
        """Connect; where that fails it would be left half open, and its loop's thread running."""
        try:
            start: Any = super().start
            return start(**kwargs)
        except BaseException:
            close: Any = self.close
            with suppress(Exception):
                close(1.0)
            if self._loop_runner.is_started():
                self._loop_runner.stop()
            raise


def connect(address: Any, timeout: float) -> Any:
    """A client.

    Raises:
        JobError: The cluster cannot be reached.
    """
    try:
        make: Any = _Client
        return make(address, timeout=timeout, set_as_default=False)
    except Exception as problem:
        raise JobError(
            f"no Dask scheduler can be reached at {address} within {timeout:g} s: {problem}. Start "
            "one, for example by `dask scheduler` and `dask worker`, or use --on dask, which "
            "starts a cluster on this machine"
        ) from problem


def light_all(packed: parcel.Parcel) -> terms.Packed:
    """A parcel, whose large buffers are then carried as they are."""
    # Small ones are copied: for those Dask may choose an old protocol, without buffers.
    large = 16 * 1024
    carried = (
        pickle.PickleBuffer(each) if len(each) > large else bytes(each) for each in packed.buffers
    )
    return packed.data, *carried


def light(value: Any) -> Any:
    """An argument of a task."""
    # Large arrays are then carried as they are.
    return pickle.PickleBuffer(value) if isinstance(value, memoryview) else value
