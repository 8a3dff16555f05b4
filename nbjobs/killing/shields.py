"""Where the code of a job may not be stopped, and where it offers to be."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from threading import get_ident
from types import TracebackType
from typing import Any, Literal, TypeVar, overload

from .asyncexc import withdraw
from .gate import Gate, running
from .unwinding import carries_kill, is_cleaning

F = TypeVar("F", bound=Callable[..., Any])


class Shield:
    """Holds a kill off from entering it to leaving it; see `shield`."""

    __slots__ = ("_gate",)

    def __init__(self) -> None:
        self._gate: Gate | None = None

    def __enter__(self) -> Shield:
        gate = self._gate = running.get(get_ident())
        if gate is None:
            return self
        gate.depth += 1
        try:
            # A killer that looked before the line above has finished when its lock is free, and
            # what it left pending is dropped: `requested` remembers it.
            chain = _with_outer(gate)
            for each in chain:
                with each.lock:
                    pass
            if any(each.sent for each in chain):
                withdraw(gate.ident)
            if gate.depth == 1:
                # Asked for before the shield: this is the last place to honour it.
                _raise_if_due(gate, shielded=False)
        except BaseException:
            gate.depth -= 1
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        gate = self._gate
        if gate is not None:
            gate.depth -= 1
            # While our own kill passes through, there is nothing to add.
            if not any(carries_kill(error, each) for each in _with_outer(gate)):
                _raise_if_due(gate, shielded=gate.depth > 0)
        return False


@overload
def shield() -> Shield: ...


@overload
def shield(function: F, /) -> F: ...


def shield(function: F | None = None, /) -> F | Shield:
    """Hold a kill off to the end of a block or a function.

    A kill that comes inside takes effect when the outermost shield is left. Outside a job it does
    nothing, so code that uses it works anywhere. A kill by force does not respect it, and none
    is held off for longer than the limit that is set.

    Examples:
        >>> with shield():
        ...     total = sum([1, 2, 3])
        >>> @shield
        ... def save() -> None: ...

    Raises:
        TypeError: What is decorated is no function, or a generator function, whose body runs
            later and in pieces: use the `with` statement inside it.
    """
    if function is None:
        return Shield()
    if not callable(function):
        raise TypeError(
            f"shield decorates a function, not {type(function).__name__}; "
            "for a block write `with shield():`"
        )
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(
            f"{function.__qualname__} is a generator, whose body runs later and in pieces; "
            "use `with shield():` inside it"
        )
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def shielded_coroutine(*args: Any, **kwargs: Any) -> Any:
            with Shield():
                return await function(*args, **kwargs)

        return shielded_coroutine  # type: ignore[return-value]  # wraps keeps the signature

    @functools.wraps(function)
    def shielded(*args: Any, **kwargs: Any) -> Any:
        with Shield():
            return function(*args, **kwargs)

    return shielded  # type: ignore[return-value]  # wraps keeps the signature


def checkpoint() -> None:
    """Be killed here, if this job is to be killed; does nothing outside a job or in a shield.

    For code that wants to be stopped in certain places, between two steps of a loop for instance,
    even where a kill cannot interrupt the steps themselves.
    """
    gate = running.get(get_ident())
    if gate is not None:
        _raise_if_due(gate, shielded=gate.depth > 0)


def _with_outer(gate: Gate) -> list[Gate]:
    chain = [gate]
    while chain[-1].outer is not None:
        chain.append(chain[-1].outer)
    return chain


def _raise_if_due(gate: Gate, *, shielded: bool) -> None:
    """Raise the kill that was asked for, unless a shield holds it off or it is raised already."""
    chain = _with_outer(gate)
    if shielded and not any(each.forced or each.unshielded for each in chain):
        return
    handled = sys.exception()
    for each in chain:
        # In a `finally` block that the kill itself has brought about, it is over and done with.
        if each.requested and not is_cleaning(handled, each):
            # What a killer leaves pending would arrive in the cleanup that this brings about.
            with each.lock:
                pass
            if any(other.sent for other in chain):
                withdraw(gate.ident)
            each.sent += 1
            raise each.signal
