"""What the workers of a map have in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .sources import Pair


class Hand:
    """What one worker does; only that worker writes to it.

    Attributes:
        item: The item that it works on, with its index; None between two.
        done: How many items it has dealt with.
        busy: The seconds it has worked in all.
        since: When it began with the present one, by `time.perf_counter`.
        more: Further items that it works on, where several go to another process together.
    """

    __slots__ = ("busy", "done", "item", "more", "since")

    def __init__(self) -> None:
        self.item: Pair | None = None
        self.done = 0
        self.busy = 0.0
        self.since = 0.0
        self.more: list[Pair] = []
