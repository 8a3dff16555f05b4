"""What a live view of a job's output has to offer, and to be given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

Output = dict[str, Any]


class LiveView(Protocol):
    """Outputs in a page that can be replaced from the kernel at any time, and outlive a reload."""

    @property
    def mime(self) -> dict[str, Any]:
        """The bundle that displays it."""

    def show(self, outputs: list[Output]) -> None:
        """Show these outputs instead of those shown before."""

    def close(self) -> None:
        """It is not needed any more."""


MakeView = Callable[[Callable[[], list[Output]]], LiveView]
"""Makes a view. The argument is asked for the outputs of the moment, when a page opens it anew."""
