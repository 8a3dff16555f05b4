"""The side of a Dask worker, which runs tasks in threads."""

from __future__ import annotations

import pickle
import threading
from functools import partial
from typing import Any

from ..remote import parcel
from ..remote.relay import Message, Send
from ..text import short_repr, type_name
from . import terms, worker

WIDTH = 200
"""How long the repr of a result may be that stays here."""


SMALL = 16 * 1024
"""Up to how many bytes a result goes along with the news of its end: asking for it costs more."""


def run(
    token: str,
    topic: str,
    setup: terms.Setup,
    given: list[terms.Packed],
    data: Any,
    *buffers: Any,
) -> terms.Packed:
    """Run a packed job; `given` are the replies of other jobs that it takes as arguments."""
    send = _prepare(token, topic, setup)
    briefs: list[tuple[str, str]] = []

    def keep(value: Any) -> None:
        briefs.append((type_name(type(value)), short_repr(value, WIDTH)))

    values = [partial(_value, each) for each in given]
    packed = worker.run(token, data, buffers, send, given=values, keep=keep)
    if briefs and packed[0] is False:
        small = sum(len(part) for part in packed[1:]) <= SMALL
        here = (False, *map(bytes, packed[1:])) if small else None
        # Before Dask says that the task is over: both take the same way, one after the other.
        send([("ended", (*briefs[0], here))])
    return _light(packed)


def portion(
    token: str, topic: str, setup: terms.Setup, name: str, function: Any, *items: Any
) -> terms.Packed | None:
    """Call a map's function for a portion of its items."""
    send = _prepare(token, topic, setup)
    packed = worker.portion(token, name, tuple(function), items, send)
    return None if packed is None else _light(packed)


def held(*packed: Any) -> terms.Packed:
    """A map's function, kept on the cluster for its portions."""
    return packed


def items(
    token: str, topic: str, setup: terms.Setup, name: str, function: terms.Packed, rows: Any
) -> terms.Packed:
    """Call a map's function for a portion of its items, one of a graph."""
    send = _prepare(token, topic, setup)
    # A worker's threads may all be at the same map, each with a function of its own.
    own = f"{name}-{threading.get_ident()}"
    packed = worker.portion(token, own, function, rows, send)
    assert packed is not None
    return _light(packed)


def end(token: str, force: bool) -> str | None:
    """Kill a job; see `worker.end`."""
    return worker.end(token, force)


def _value(packed: terms.Packed) -> Any:
    # Copied: what is made of them may be changed in place, and the original be needed again.
    first, data, *buffers = packed
    return terms.value_of((first, data, *map(bytearray, buffers)))


def _light(packed: terms.Packed) -> terms.Packed:
    # Large buffers are then carried as they are; for small ones Dask may choose an old protocol.
    first, data, *buffers = packed
    carried = (pickle.PickleBuffer(each) if len(each) > SMALL else bytes(each) for each in buffers)
    return first, data, *carried


def _prepare(token: str, topic: str, setup: terms.Setup) -> Send:
    # Imported here: this module is loaded where there is Dask, but checked where not.
    from distributed import get_worker

    here = get_worker()
    worker.prepare(setup)

    def send(messages: list[Message]) -> None:
        here.log_event(topic, (token, here.address, parcel.dump(messages).data))

    return send
