"""Whether a thread is dying of our exception at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType

from . import codes
from .gate import Gate
from .threadstates import current_exceptions

_LIMIT = 100


def unwinding(gate: Gate) -> bool:
    """Whether the gate's thread runs cleanup (finally, except, `__exit__`) because of the kill."""
    current = current_exceptions().get(gate.ident)
    # 3.11 gives (type, value, traceback).
    error = current[1] if isinstance(current, tuple) else current
    return is_cleaning(error, gate)


def is_cleaning(error: BaseException | None, gate: Gate) -> bool:
    """Whether a thread that handles `error` cleans up because of the kill.

    That is so while it handles the kill itself, and in a `finally` or an exit of a `with` while it
    handles an error that comes from a call which the kill has cut short.
    """
    return carries_kill(error, gate) or (
        error is not None
        and gate.cut is not None
        and _stands_in_cleanup(error)
        and any(_comes_from(each, gate.cut) for each in _history(error))
    )


def carries_kill(error: BaseException | None, gate: Gate) -> bool:
    """Whether `error` is the gate's kill, or came up, directly or not, while that was handled."""
    return any(gate.is_mine(each) for each in _history(error))


def _stands_in_cleanup(error: BaseException) -> bool:
    # The outermost frame of a traceback is the one that the error has come to so far.
    trace = error.__traceback__
    return trace is not None and codes.read(trace.tb_frame.f_code).cleans_up(trace.tb_frame.f_lasti)


def _comes_from(error: BaseException, cut: tuple[CodeType, int]) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and (trace.tb_frame.f_code, trace.tb_lasti) == cut


def _history(error: BaseException | None) -> Iterator[BaseException]:
    """The error, its parts if it is a group, and those that were handled when it came up.

    Contexts can form cycles, and groups nest, hence the list of what was seen.
    """
    waiting = [error]
    seen: set[int] = set()
    while waiting and len(seen) < _LIMIT:
        error = waiting.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        waiting += [error.__cause__, error.__context__]
        if isinstance(error, BaseExceptionGroup):
            waiting += error.exceptions
