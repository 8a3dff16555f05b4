"""Whether a thread is dying of our exception at this moment."""

from __future__ import annotations

import sys

from .gate import Gate

_LIMIT = 100


def unwinding(gate: Gate) -> bool:
    """Whether the gate's thread runs cleanup (finally, except, `__exit__`) because of the kill."""
    current = sys._current_exceptions().get(gate.ident)
    # 3.11 gives (type, value, traceback).
    error = current[1] if isinstance(current, tuple) else current
    return carries_kill(error, gate)


def carries_kill(error: BaseException | None, gate: Gate) -> bool:
    """Whether `error` is the gate's kill, or came up, directly or not, while that was handled.

    Contexts can form cycles, and groups nest, hence the list of what was seen.
    """
    waiting = [error]
    seen: set[int] = set()
    while waiting and len(seen) < _LIMIT:
        error = waiting.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        if gate.is_mine(error):
            return True
        waiting += [error.__cause__, error.__context__]
        if isinstance(error, BaseExceptionGroup):
            waiting += error.exceptions
    return False
