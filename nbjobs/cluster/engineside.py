"""The side of an ipyparallel engine, which is an IPython kernel."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from functools import partial
from typing import Any

from ..capture import streams
from ..remote import parcel
from ..remote.relay import Message
from . import terms, worker

SAID = 1.0
"""How long, in seconds, a job waits at most until its having begun has been said."""

CLIENTS = 1000
"""How many clients an engine remembers having told of itself."""

_told: OrderedDict[str, None] = OrderedDict()


def run(token: str, setup: terms.Setup, data: bytes, *buffers: bytes) -> terms.Packed:
    """Run a packed job; how many messages were sent comes before what it came to."""
    sender = _prepare(setup)
    return _counted(worker.run(token, data, buffers, sender), sender)


def portion(
    token: str, setup: terms.Setup, name: str, function: Any, *items: bytes
) -> terms.Packed:
    """Call a map's function for a portion of its items; the same."""
    sender = _prepare(setup)
    return _counted(worker.portion(token, name, tuple(function), items, sender), sender)


def _counted(packed: terms.Packed | None, sender: Sender) -> terms.Packed:
    # All in one row: of what lies deeper, ipyparallel copies the buffers.
    return sender.count, *(packed or ())


def _prepare(setup: terms.Setup) -> Sender:
    from IPython import get_ipython

    shell: Any = get_ipython()
    kernel = shell.kernel
    kernel.control_handlers.setdefault(terms.ASK, lambda *request: _end(kernel, *request))
    worker.prepare(setup)
    # In the main thread, where the job is about to run, and not in those that will send.
    parent = kernel.get_parent("shell")
    # After each task the kernel flushes its streams, four times, and waits for its output thread.
    # What a job of ours puts out does not go there.
    task = parent["header"]["msg_id"]
    streams.spare_flushes(partial(_ends, kernel, task, threading.get_ident()))
    return Sender(kernel, parent)


def _ends(kernel: Any, task: str, thread: int) -> bool:
    if threading.get_ident() != thread:
        return False
    return bool(kernel.get_parent("shell").get("header", {}).get("msg_id") == task)


class Sender:
    """Sends messages to the client that a task came from, and counts them.

    Attributes:
        count: How many have been sent.
    """

    def __init__(self, kernel: Any, parent: Any) -> None:
        self.count = 0
        self._kernel = kernel
        self._parent = parent

    def __call__(self, messages: list[Message]) -> None:
        """Send them."""
        if messages[0][0] == "begun":
            self._begun(messages)
        else:
            self._send(messages)

    def _begun(self, messages: list[Message]) -> None:
        # That it has begun is known from the engine's own status, which it sends before each task:
        # a message more would take longer than a small job. What else there is to say about the
        # engine is said to each client once.
        client = self._parent["header"]["session"]
        if client not in _told:
            self._send(messages)
            _told[client] = None
            while len(_told) > CLIENTS:
                _told.popitem(last=False)
        # All that is sent by another thread, and the job's first step may be C code that lets none
        # run: in the kernel the job would not have begun, and could not be killed.
        sent = threading.Lock()
        sent.acquire()
        self._kernel.iopub_socket.schedule(sent.release)
        sent.acquire(timeout=SAID)

    def _send(self, messages: list[Message]) -> None:
        # Imported here: this module is loaded where there is ipyparallel, but checked where not.
        from ipyparallel.serialize import serialize_object

        self.count += 1
        kernel = self._kernel
        kernel.session.send(
            kernel.iopub_socket,
            # The one kind of message that the hub and other clients carry without looking into it.
            "data_message",
            content={"keys": []},
            parent=self._parent,
            ident=kernel._topic("data_message"),
            buffers=[*serialize_object({}), parcel.dump((kernel.engine_id, messages)).data],
        )


async def _end(kernel: Any, stream: Any, ident: Any, parent: Any) -> None:
    asked = parent["content"]
    try:
        content = {"status": "ok", "where": worker.end(asked["token"], asked["force"])}
    except Exception as error:
        content = {"status": "error", "where": str(error)}
    # A turn of the loop: a kill that needs no waiting has ended the job by then.
    await asyncio.sleep(0)
    kernel.session.send(stream, "nbjobs_end_reply", content, parent=parent, ident=ident)
