"""Displays in a kernel's front end, made and updated with the parent that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar, copy_context
from typing import Any

Parent = dict[str, Any]


class Outlet:
    """Sends display messages of the kernel of `shell`, from any thread.

    Not through the shell's display publisher: that takes the parent from the context, or else the
    running cell's, and is replaced while the user captures output.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    @property
    def running_cell(self) -> Parent | None:
        """The request that the calling thread's code runs for; None if that is no cell."""
        parent = self._shell.get_parent()
        if not parent or parent.get("header", {}).get("msg_type") != "execute_request":
            return None
        return dict(parent)

    @property
    def can_ask(self) -> bool:
        """Whether the running cell's client can ask its user for input.

        One with a user can, one that only runs a notebook to its end cannot.
        """
        return bool(getattr(self._shell.kernel, "_allow_stdin", True))

    def in_name_of(self, parent: Parent, call: Callable[[], object]) -> None:
        """Call `call`, which sends widget messages, in a thread that no request has reached.

        ipykernel 7.0 raises there; later ones would send them in the running cell's name.
        """
        copy_context().run(_call, getattr(self._shell.kernel, "_shell_parent", None), parent, call)

    def show(self, data: Mapping[str, str], display_id: str, parent: Parent) -> None:
        """Display `data` under `parent`."""
        self._send("display_data", data, display_id, parent)

    def update(self, data: Mapping[str, str], display_id: str, parent: Parent) -> None:
        """Replace what was displayed as `display_id`, wherever that is.

        `parent` does not say where, but some clients read only what belongs to the running cell.
        """
        self._send("update_display_data", data, display_id, parent)

    def _send(self, kind: str, data: Mapping[str, str], display_id: str, parent: Parent) -> None:
        kernel = self._shell.kernel
        content = {
            "data": dict(data),
            "metadata": {},
            "transient": {"display_id": display_id},
        }
        kernel.session.send(
            kernel.iopub_socket, kind, content, parent=parent, ident=b"display_data"
        )


def _call(variable: object, parent: Parent, call: Callable[[], object]) -> None:
    # A context variable since ipykernel 7.
    if isinstance(variable, ContextVar):
        variable.set(parent)
    call()
