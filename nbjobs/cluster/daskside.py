"""The side of a Dask worker, which runs tasks in threads."""

from __future__ import annotations

import pickle
from typing import Any

from ..remote import parcel
from ..remote.relay import Message, Send
from . import terms, worker


def run(token: str, topic: str, setup: terms.Setup, data: Any, *buffers: Any) -> terms.Packed:
    """Run a packed job."""
    send = _prepare(token, topic, setup)
    return _light(worker.run(token, data, buffers, send))


def portion(
    token: str, topic: str, setup: terms.Setup, name: str, function: Any, *items: Any
) -> terms.Packed | None:
    """Call a map's function for a portion of its items."""
    send = _prepare(token, topic, setup)
    packed = worker.portion(token, name, tuple(function), items, send)
    return None if packed is None else _light(packed)


def end(token: str, force: bool) -> str | None:
    """Kill a job; see `worker.end`."""
    return worker.end(token, force)


def _light(packed: terms.Packed) -> terms.Packed:
    # Large buffers are then carried as they are.
    first, data, *buffers = packed
    return first, data, *(pickle.PickleBuffer(buffer) for buffer in buffers)


def _prepare(token: str, topic: str, setup: terms.Setup) -> Send:
    # Imported here: this module is loaded where there is Dask, but checked where not.
    from distributed import get_worker

    here = get_worker()
    worker.prepare(setup)

    def send(messages: list[Message]) -> None:
        here.log_event(topic, (token, here.address, parcel.dump(messages).data))

    return send
