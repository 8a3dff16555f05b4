"""An epoll object (selectors, outside an event loop of asyncio's or trio's)."""

from __future__ import annotations

import os
import select

from ..looks import Look
from ..safepoint import name_of_call
from ..schedule import scheduler
from ..systemcalls import call_of, others_in_call_on

_CALLS = frozenset({"epoll_wait", "epoll_pwait", "epoll_pwait2"})
_STAY = 0.02


class EpollWaker:
    """Adds something to the set that is ready, for a moment.

    Nothing lasting is changed, so the set may be anybody's, as long as nobody else waits on it, and
    as long as it is Python's: a library in C that gets an entry it has never made may end the
    process, as libuv does.
    """

    name = "epoll"

    def wake(self, look: Look) -> bool:
        """Wake the call if it waits in epoll."""
        call = call_of(look.gate.native_id)
        if call is None or call.name not in _CALLS or name_of_call(look.frames[0]) != "poll":
            return False
        if others_in_call_on(call.args[0], look.gate.native_id, _CALLS):
            return False
        try:
            poll = select.epoll.fromfd(os.dup(call.args[0]))
        except OSError:
            return False
        ready = os.eventfd(1, os.EFD_CLOEXEC)

        def take_back() -> None:
            os.close(ready)  # Leaves the set with its last descriptor.
            poll.close()

        try:
            poll.register(ready, select.EPOLLIN)
        except OSError:
            take_back()
            return False
        # The waiter must find it there when it looks what has woken it.
        scheduler.call_later(_STAY, take_back)
        return True
