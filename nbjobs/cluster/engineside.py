"""The side of an ipyparallel engine, which is an IPython kernel."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from ..remote import parcel
from ..remote.relay import Message, Send
from . import terms, worker

SAID = 1.0
"""How long, in seconds, a job waits at most until its having begun has been said."""


def run(token: str, setup: terms.Setup, data: bytes, *buffers: bytes) -> terms.Packed:
    """Run a packed job; how many messages were sent comes before what it came to."""
    send = _prepare(setup)
    return _counted(worker.run(token, data, buffers, send), send)


def portion(
    token: str, setup: terms.Setup, name: str, function: Any, *items: bytes
) -> terms.Packed:
    """Call a map's function for a portion of its items; the same."""
    send = _prepare(setup)
    return _counted(worker.portion(token, name, tuple(function), items, send), send)


def _counted(packed: terms.Packed | None, send: Sender) -> terms.Packed:
    # All in one row: of what lies deeper, ipyparallel copies the buffers.
    return send.count, *(packed or ())


def _prepare(setup: terms.Setup) -> Sender:
    from IPython import get_ipython

    shell: Any = get_ipython()
    kernel = shell.kernel
    kernel.control_handlers.setdefault(terms.ASK, lambda *request: _end(kernel, *request))
    worker.prepare(setup)
    # In the main thread, where the job is about to run, and not in those that will send.
    parent = kernel.get_parent("shell")

    # Imported here: this module is loaded where there is ipyparallel, but checked where not.
    from ipyparallel.serialize import serialize_object

    empty = serialize_object({})

    def send(messages: list[Message]) -> None:
        kernel.session.send(
            kernel.iopub_socket,
            # The one kind of message that the hub and other clients carry without looking into it.
            "data_message",
            content={"keys": []},
            parent=parent,
            ident=kernel._topic("data_message"),
            buffers=[*empty, parcel.dump((kernel.engine_id, messages)).data],
        )
        if messages[0][0] == "begun":
            # It is sent by another thread, and the job's first step may be C code that lets none
            # run: in the kernel the job would not have begun, and could not be killed.
            sent = threading.Event()
            kernel.iopub_socket.schedule(sent.set)
            sent.wait(SAID)

    return Sender(send)


class Sender:
    """Sends, and counts.

    Attributes:
        count: How many times it has sent something.
    """

    def __init__(self, send: Send) -> None:
        self.count = 0
        self._send = send

    def __call__(self, messages: list[Message]) -> None:
        self.count += 1
        self._send(messages)


async def _end(kernel: Any, stream: Any, ident: Any, parent: Any) -> None:
    asked = parent["content"]
    try:
        content = {"status": "ok", "where": worker.end(asked["token"], asked["force"])}
    except Exception as error:
        content = {"status": "error", "where": str(error)}
    # A turn of the loop: a kill that needs no waiting has ended the job by then.
    await asyncio.sleep(0)
    kernel.session.send(stream, "nbjobs_end_reply", content, parent=parent, ident=ident)
