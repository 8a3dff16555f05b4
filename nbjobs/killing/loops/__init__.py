"""Event loops: their tasks are cancelled first, so that coroutines clean up as they are used to."""

from __future__ import annotations

from ..looks import Look
from . import asyncio_loop, trio_loop
from .base import Loop

_FINDERS = (asyncio_loop.find, trio_loop.find)


def find(look: Look) -> Loop | None:
    """The innermost event loop that runs in the call, if any."""
    for finder in _FINDERS:
        loop = finder(look)
        if loop is not None:
            return loop
    return None


__all__ = ["Loop", "find"]
