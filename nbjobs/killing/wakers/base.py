"""What a waker is."""

from __future__ import annotations

from typing import Protocol

from ..looks import Look


class Waker(Protocol):
    """Ends one kind of blocking call, once the kill has been injected and waits to be seen.

    A waker touches nothing that belongs to anyone but the job, is quick (a few milliseconds at
    the most), and does nothing if the call is not blocked in its kind of way.
    """

    name: str

    def wake(self, look: Look) -> bool:
        """End the blocking call that `look` shows; whether there was one to end."""
