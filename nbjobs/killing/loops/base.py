"""What every event loop can be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loop:
    """An event loop that runs in another thread.

    Attributes:
        name: Whose it is.
        cancel: Has its main task cancelled, and the loop woken; False if it is closed.
        poke: Wakes the loop, so that its thread runs Python code.
        cleaning: Whether a cancelled task is in the middle of its cleanup.
    """

    name: str
    cancel: Callable[[], bool]
    poke: Callable[[], bool]
    cleaning: Callable[[], bool]
