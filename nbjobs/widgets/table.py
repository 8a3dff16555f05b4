"""The live table of a manager's jobs: one anywidget, shown in as many places as one likes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextvars import copy_context
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import anywidget
import traitlets

from .subshell import open_subshell
from .tableactions import TableActions
from .tablefeed import TableFeed
from .tablemessages import Address, FromKernel, FromPage, Notice

if TYPE_CHECKING:
    from ..manager import JobManager

Bundle = dict[str, Any]

_STATIC = files(__package__) / "static"
_PARTS = ("store.js", "drawer.js", "rows.js", "toolbar.js", "table.js")
"""Put together to the one module that the page loads; the others define what the last uses."""


class JobTable(anywidget.AnyWidget):
    """The table of the jobs of `manager`, live while any cell runs.

    One is enough for all pages and cells of a kernel: shown twice it is two views of one model.

    Args:
        manager: Whose jobs.
        fallback: The table as it is, as a bundle of HTML and text: what a saved notebook shows
            where there is no kernel.
        kernel: The kernel that it is shown by.
    """

    _esm = "\n".join((_STATIC / part).read_text("utf-8") for part in _PARTS)
    _css = (_STATIC / "table.css").read_text("utf-8")

    # Text, since ipywidgets goes through all that a state holds, in search of binary data.
    snapshot = traitlets.Unicode().tag(sync=True)
    address = traitlets.Dict().tag(sync=True)

    def __init__(self, manager: JobManager, fallback: Callable[[], Bundle], kernel: object) -> None:
        self._fallback = fallback
        self._waiting: list[Notice] = []
        self._ready = False
        self._open = False
        # ipykernel 7.0 sends nothing in a context that no request has reached.
        self._context = copy_context()
        self._lock = threading.Lock()
        clicks_wait = not getattr(kernel, "_supports_kernel_subshells", False)
        self._feed = TableFeed(manager, self._post, clicks_wait=clicks_wait)
        self._actions = TableActions(manager, self._feed, self._post)
        self._subshell = open_subshell(kernel)
        name = None if self._subshell is None else self._subshell.name
        address: Address = {"comm": uuid4().hex, "subshell": name}
        super().__init__(model_id=address["comm"], address=address)
        # ipykernel 7.4 asks the comm where to serve its messages, and has it answer: in the
        # subshell of the message that it published last, where a click would wait for the cell
        # that runs there. None has it ask no more.
        if hasattr(type(self.comm), "_reply_subshell_for"):
            self.comm._reply_subshell_for = None if name is None else lambda data, default: name
        self.on_msg(self._on_message)
        self._open = True

    def notify(self, notice: Notice) -> None:
        """Show a notification of the browser, as soon as there is a page that can."""
        with self._lock:
            if not self._ready:
                self._waiting.append(notice)
                return
        self._post(notice)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The state to be sent. The jobs are part of it only when a page asks for all of it."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if key is None:
            state["snapshot"] = json.dumps(self._feed.snapshot())
        return state

    def close(self) -> None:
        """Tell the pages nothing any more."""
        self._feed.close()
        super().close()
        if self._subshell is not None:
            self._subshell.close()

    def _repr_mimebundle_(self, **options: Any) -> tuple[Bundle, Bundle]:
        view = {"model_id": self.model_id, "version_major": 2, "version_minor": 0}
        data = {"application/vnd.jupyter.widget-view+json": view, **self._fallback()}
        return data, {}

    def _on_message(self, widget: object, message: object, buffers: object) -> None:
        if not isinstance(message, dict):
            return
        if message.get("kind") == "hello":
            with self._lock:
                self._ready = True
                waiting, self._waiting = self._waiting, []
            for notice in waiting:
                self._post(notice)
        self._actions.serve(cast("FromPage", message))

    def _post(self, message: FromKernel) -> None:
        # What is lost before there is a comm, the page asks for when it says hello.
        if self._open:
            self._context.copy().run(self.send, message)
