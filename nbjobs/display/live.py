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

    def keep(self, still: dict[str, str]) -> None:
        """Have pages that were loaded since show, and save, this bundle instead."""

    def close(self) -> None:
        """It is not needed any more."""


MakeView = Callable[[Callable[[], list[Output]], Callable[[], object]], LiveView]
"""Makes a view. When a page opens it anew, the first argument is asked for the outputs of the
moment, and the second is told."""
