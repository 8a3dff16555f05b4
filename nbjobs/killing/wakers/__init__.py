"""Ways to end a blocking call; each is one module, and they are tried in order."""

from __future__ import annotations

from ..looks import Look
from . import conditions

WAKERS = (conditions.ConditionWaker(),)


def wake(look: Look) -> str:
    """Wake the call if one of the wakers can; its name, or empty."""
    for waker in WAKERS:
        if waker.wake(look):
            look.gate.woken = True
            return waker.name
    return ""
