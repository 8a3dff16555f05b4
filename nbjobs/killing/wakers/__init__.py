"""Ways to end a blocking call; each is one module, and they are tried in order."""

from __future__ import annotations

import sys

from ..looks import Look
from .base import Waker
from .children import ChildWaker
from .conditions import ConditionWaker
from .databases import SqliteWaker
from .loops import LoopWaker
from .polling import EpollWaker
from .signals import SignalWaker
from .sockets import SocketWaker

_LINUX = sys.platform.startswith("linux")

#: From the surest to the most roundabout; the first that succeeds is enough.
WAKERS: tuple[Waker, ...] = (
    SignalWaker(),
    ConditionWaker(),
    LoopWaker(),
    *((ChildWaker(), SocketWaker(), EpollWaker()) if _LINUX else (ChildWaker(),)),
    SqliteWaker(),
)


def wake(look: Look) -> str:
    """Wake the call if one of the wakers can; its name, or empty."""
    gate = look.gate
    before = gate.woken
    # Said first: the call may be over before the waker has returned.
    gate.woken = True
    for waker in WAKERS:
        if waker.wake(look):
            return waker.name
    gate.woken = before
    return ""
