"""A subshell of ipykernel for the table alone: a click waits for no cell, and for no other widget.

ipykernel 7 serves a message that names a subshell in that one's thread. The pages of JupyterLab and
Notebook have one for all widgets together, so that a click waits for the slowest callback among
them. They could make another, but would leave it behind at each reload: so it is made here, and
the page is told its name.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future
from typing import Any

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""How long, in seconds, to wait for it; the thread that makes it only ever passes messages on."""


class Subshell:
    """A subshell that exists.

    Attributes:
        name: What a message has to name to be served in it.
    """

    def __init__(self, channel: Any, name: str) -> None:
        self.name = name
        self._channel = channel

    def close(self) -> None:
        """End it, after the message that it is serving; it may be called from there."""
        self._channel.io_loop.add_callback(self._delete)

    def _delete(self) -> None:
        manager = self._channel.manager
        # A kernel that ends has ended its subshells already.
        if self.name in manager.list_subshell():
            manager._delete_subshell(self.name)


def open_subshell(kernel: Any) -> Subshell | None:
    """A new subshell of `kernel`; None where it has none to offer, as ipykernel 6."""
    channel = getattr(kernel, "shell_channel_thread", None)
    # There is a message for it, but none that a kernel could send to itself.
    create = getattr(getattr(channel, "manager", None), "_create_subshell", None)
    if channel is None or create is None:
        return None
    made: Future[str] = Future()

    def make() -> None:
        try:
            made.set_result(create())
        except Exception as error:
            made.set_exception(error)

    channel.io_loop.add_callback(make)
    try:
        return Subshell(channel, made.result(PATIENCE))
    except Exception:
        log.warning("nbjobs: the table shares its subshell with other widgets", exc_info=True)
        return None
