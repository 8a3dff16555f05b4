"""A job's live outputs in a page, as one ipywidgets.Output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Layout, Output

from .keeper import Keeper

Outputs = list[dict[str, Any]]


class PanelOutput(Output):  # type: ignore[misc]  # ipywidgets is not typed
    """An Output whose state, when a page asks for it anew, is that of the moment.

    Its outputs are set whole: appending to them takes longer the more there are, and entering it
    as a context manager redirects other threads, too. One widget a job: a page that is loaded
    while a cell runs does not restore boxes of several.
    """

    def __init__(self, now: Callable[[], Outputs], reopened: Callable[[], object]) -> None:
        self._now = now
        self._reopened = reopened
        super().__init__(layout=Layout(max_height="32em", overflow="auto", width="100%"))
        self.add_class("nbjobs-live-panel")

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The state to be sent; all of it is asked for by a page that opens."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if key is None and self.comm is not None:
            state["outputs"] = tuple(self._now())
            self._reopened()
        return state


class PanelView:
    """A live view; see `nbjobs.display.live.LiveView`."""

    def __init__(self, now: Callable[[], Outputs], reopened: Callable[[], object]) -> None:
        self._widget = PanelOutput(now, reopened)
        self._keeper: Keeper | None = None
        # ipykernel 7.4 has a comm answer in the subshell of the message that it saw last, where
        # nobody may be listening.
        comm = self._widget.comm
        if hasattr(type(comm), "_reply_subshell_for"):
            comm._reply_subshell_for = None

    @property
    def mime(self) -> dict[str, Any]:
        """The bundle that displays it."""
        view = {"model_id": self._widget.model_id, "version_major": 2, "version_minor": 0}
        return {"application/vnd.jupyter.widget-view+json": view}

    def show(self, outputs: Outputs) -> None:
        """Show these outputs instead of those shown before."""
        self._widget.outputs = tuple(outputs)

    def keep(self, still: dict[str, str]) -> None:
        """Have the pages that were loaded since show, and save, a still picture instead."""
        if self._keeper is None:
            self._keeper = Keeper(self._widget.model_id, still)

    def close(self) -> None:
        """Nobody needs it any more."""
        self._widget.close()
        if self._keeper is not None:
            self._keeper.close()
