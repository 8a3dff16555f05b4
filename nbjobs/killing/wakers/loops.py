"""An event loop that sleeps until something happens."""

from __future__ import annotations

from .. import loops
from ..looks import Look


class LoopWaker:
    """Has the loop do nothing, once: that is enough for its thread to wake up."""

    name = "event loop"

    def wake(self, look: Look) -> bool:
        """Wake the call if it runs an event loop."""
        loop = loops.find(look)
        return loop is not None and loop.poke()
