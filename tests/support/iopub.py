"""A real kernel, driven over its sockets, with every message it publishes kept by its parent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty
from typing import Any

import ipykernel
from jupyter_client.manager import KernelManager

LIMIT = 60.0
"""No wait in a test is longer than this many seconds."""

Message = dict[str, Any]


class Kernel:
    """A kernel and the messages it has published.

    Attributes:
        messages: All of them, in order of arrival.
    """

    def __init__(self, manager: KernelManager) -> None:
        self.manager = manager
        self._somebody: Any = None
        self.client = manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=LIMIT)
        self.messages: list[Message] = []

    def send(self, code: str, **options: Any) -> str:
        """Send a cell; returns its message id at once."""
        return str(self.client.execute(code, **options))

    def run(self, code: str, *, ok: bool = True, **options: Any) -> str:
        """Run a cell to its end; returns its message id."""
        cell = self.send(code, **options)
        self.finish(cell)
        if ok:
            assert not self.of(cell, "error"), self.of(cell, "error")[0]["content"]["traceback"]
        return cell

    def finish(self, cell: str) -> None:
        """Read messages until the cell has ended."""
        self.until(
            lambda: any(m["content"]["execution_state"] == "idle" for m in self.of(cell, "status"))
        )

    def until(self, found: Callable[[], object]) -> None:
        """Read messages until `found()` is true."""
        end = time.monotonic() + LIMIT
        while not found():
            left = end - time.monotonic()
            assert left > 0, f"not in {LIMIT} s; got {[m['msg_type'] for m in self.messages[-40:]]}"
            try:
                self.messages.append(self.client.get_iopub_msg(timeout=min(left, 1.0)))
            except Empty:
                self._nudge()

    def of(self, cell: str, *kinds: str) -> list[Message]:
        """The messages of these types whose parent is `cell`."""
        return [
            m
            for m in self.messages
            if m["parent_header"].get("msg_id") == cell and m["msg_type"] in kinds
        ]

    def text(self, cell: str, stream: str = "stdout") -> str:
        """What the cell has printed on the stream."""
        streams = self.of(cell, "stream")
        return "".join(m["content"]["text"] for m in streams if m["content"]["name"] == stream)

    def panel(self, cell: str, place: int = 0) -> str:
        """The text of the cell's panel as a page would show it now."""
        shown = self.of(cell, "display_data", "execute_result")[place]["content"]
        display_id = shown["transient"]["display_id"]
        data = shown["data"]
        for message in self.messages:
            content = message["content"]
            if message["msg_type"] != "update_display_data":
                continue
            if content["transient"]["display_id"] == display_id:
                data = content["data"]
        view = data.get("application/vnd.jupyter.widget-view+json")
        return self.widget_text(view["model_id"]) if view else data["text/plain"]

    def widget_text(self, model: str) -> str:
        """The text in the outputs of an Output widget."""
        outputs = []
        for message in self.messages:
            content = message["content"]
            if message["msg_type"].startswith("comm") and content.get("comm_id") == model:
                outputs = content["data"].get("state", {}).get("outputs", outputs)
        return "\n".join(
            "\n".join(o.get("traceback", [])) or o.get("text") or o["data"]["text/plain"]
            for o in outputs
        )

    def value(self, expression: str) -> Any:
        """The value of an expression of builtin types."""
        cell = self.send("", user_expressions={"v": f"({expression})"})
        reply = self._reply(cell)
        result = reply["content"]["user_expressions"]["v"]
        assert result["status"] == "ok", result
        self.finish(cell)
        return eval(result["data"]["text/plain"], {"inf": float("inf")})

    def _reply(self, cell: str) -> Message:
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            try:
                reply: Message = self.client.get_shell_msg(timeout=1.0)
            except Empty:
                self._nudge()
                continue
            if reply["parent_header"].get("msg_id") == cell:
                return reply
        raise AssertionError(f"no reply in {LIMIT} s")

    def _nudge(self) -> None:
        """Have the kernel read what it was sent.

        ipykernel 7.0 to 7.3 may leave a request that comes while it sends a reply unread, until
        somebody else connects: https://github.com/ipython/ipykernel/issues/1554
        """
        if (7, 0) <= ipykernel.version_info[:2] < (7, 4):
            self._disconnect()
            self._somebody = self.manager.blocking_client()
            self._somebody.start_channels(iopub=False, stdin=False, hb=False, control=False)

    def _disconnect(self) -> None:
        if self._somebody is not None:
            self._somebody.stop_channels()
            self._somebody = None

    def close(self) -> None:
        """Close the connections."""
        self._disconnect()
        self.client.stop_channels()

    def everything(self) -> str:
        """All the text that was ever published, in whatever form."""
        return "".join(str(m["content"]) for m in self.messages if m["msg_type"] != "execute_input")


@contextmanager
def kernel(*arguments: str) -> Iterator[Kernel]:
    """Start a kernel, and end it."""
    manager = KernelManager(kernel_name="python3")
    # A kernel is killed if it has not ended by then; on a busy machine five seconds may pass.
    manager.shutdown_wait_time = LIMIT
    manager.start_kernel(extra_arguments=list(arguments))
    try:
        started = Kernel(manager)
        try:
            yield started
        finally:
            started.close()
    finally:
        manager.shutdown_kernel(now=True)
