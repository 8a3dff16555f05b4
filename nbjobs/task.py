"""What a job is to do, and how it is to be treated."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from .text import call_name, short_repr

_NUMBER_OR_RANGE = re.compile(r"\d+(-\d+)?$")


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to run.

    Attributes:
        call: Does the work; what it returns is the job's result.
        source: What the user wrote, or the function's name.
        commit: Called with the result once the job can no longer be killed, before it counts as
            succeeded. Must be quick and unable to fail.
        code_only: Whether `call` holds nothing but code and a namespace that lives anyway, so that
            keeping it for a rerun costs nothing.
    """

    call: Callable[[], Any]
    source: str
    commit: Callable[[Any], None] | None = None
    code_only: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a job: of `%job` and of `JobManager.options` alike.

    Attributes:
        name: A name to call the job by; no two unfinished jobs share one.
        timeout: The time limit in seconds; None for none.
        wait: Wait for the job to end before going on.
        silent: No live panel, and no line at the prompt when it succeeds.
        notify: Have the browser, or the terminal's bell, tell of its end.
    """

    name: str | None = None
    timeout: float | None = None
    wait: bool = False
    silent: bool = False
    notify: bool = False

    def __post_init__(self) -> None:
        check_name(self.name)
        check_timeout(self.timeout)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of all options."""
        return tuple(field.name for field in fields(cls))


def check_name(name: object) -> None:
    """Raise unless `name` can name a job: a TypeError or a ValueError that says why."""
    if name is None:
        return
    if not isinstance(name, str):
        raise TypeError(f"a job's name must be a string, not {type(name).__name__}")
    if not name.strip() or "," in name or "\n" in name or name != name.strip():
        raise ValueError(
            f"{name!r} cannot name a job: use some visible text without commas or line breaks"
        )
    if _NUMBER_OR_RANGE.match(name) or name.startswith("-"):
        raise ValueError(f"{name!r} cannot name a job: it reads as a number, a range or an option")


def check_timeout(timeout: object) -> None:
    """Raise unless `timeout` is None or a positive number of seconds."""
    if timeout is None:
        return
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise TypeError(f"a timeout is a number of seconds, not {type(timeout).__name__}")
    if not timeout > 0:
        raise ValueError(f"a timeout must be more than 0 seconds, not {timeout}")


def function_task(function: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Task:
    """The task that calls a function.

    Raises:
        TypeError: It cannot be called.
    """
    if not callable(function):
        raise TypeError(
            f"a job runs a function or an expression in a string, not {short_repr(function)}"
        )
    return Task(partial(function, *args, **kwargs), call_name(function))


def expression_task(
    source: str, glob: dict[str, Any], loc: Mapping[str, Any] | None = None, *more: object
) -> Task:
    """The task that evaluates an expression.

    Args:
        source: The expression.
        glob: Its global names.
        loc: Its local names, if they are others.
        *more: Nothing.

    Raises:
        SyntaxError: It is not an expression.
        ValueError: There are more than two namespaces.
    """
    if more:
        raise ValueError("an expression takes at most two namespaces: globals and locals")
    code = compile(source.strip(), "<job>", "eval")
    namespace = glob if loc is None else loc
    return Task(lambda: eval(code, glob, namespace), source, code_only=True)
