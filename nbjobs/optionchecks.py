"""Whether the values of a job's options make sense; each check raises and says what would."""

from __future__ import annotations

import builtins
import math
import re
from collections.abc import Mapping
from concurrent.futures import Executor
from difflib import get_close_matches

from .engines import ENGINES, named, taking
from .text import short_repr, type_name

_NUMBER_OR_RANGE = re.compile(r"\d+(-\d+)?$")

CONDITIONS = ("success", "done", "failure")
"""How the jobs that a job waits for may have to end; see `Options.when`."""


def check_name(name: object, what: str = "job") -> None:
    """Raise unless `name` is None or can name a job (or whatever `what` says)."""
    if name is None:
        return
    if not isinstance(name, str):
        raise TypeError(f"a {what}'s name must be a string, not {type(name).__name__}")
    if not name.strip() or "," in name or "\n" in name or name != name.strip():
        raise ValueError(
            f"{name!r} cannot name a {what}: use some visible text without commas or line breaks"
        )
    if _NUMBER_OR_RANGE.match(name) or name.startswith("-"):
        raise ValueError(
            f"{name!r} cannot name a {what}: it reads as a number, a range or an option"
        )


def check_seconds(value: object, what: str) -> None:
    """Raise unless `value` is None or a positive, finite number of seconds."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{what} is a number of seconds, not {type(value).__name__}")
    if not 0 < value < math.inf:
        raise ValueError(f"{what} must be more than 0 seconds and finite, not {value}")


def check_count(value: object, what: str, least: int) -> None:
    """Raise unless `value` is a whole number, and not less than `least`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{what} must be a whole number, not {short_repr(value)}")
    if value < least:
        raise ValueError(f"{what} must be {least} or more, not {value}")


def check_condition(when: object) -> None:
    """Raise unless `when` is one of `CONDITIONS`."""
    if when not in CONDITIONS:
        raise ValueError(f"when must be one of {', '.join(CONDITIONS)}, not {short_repr(when)}")


def exception_classes(classes: object) -> tuple[type[Exception], ...]:
    """What to retry on, as a tuple.

    Raises:
        TypeError: It is neither an exception class nor several of them.
    """
    several = tuple(classes) if isinstance(classes, list | tuple) else (classes,)
    for each in several:
        if not (isinstance(each, type) and issubclass(each, Exception)):
            name = type_name(each) if isinstance(each, type) else short_repr(each)
            raise TypeError(f"retry_on takes exception classes such as OSError, not {name}")
    return several


def exceptions_named(names: str, namespace: Mapping[str, object]) -> tuple[type[Exception], ...]:
    """The exception classes that `names`, such as `OSError,requests.Timeout`, stands for.

    Raises:
        ValueError: There is nothing of that name.
        TypeError: It is no exception class.
    """
    found = []
    for name in (part.strip() for part in names.split(",")):
        first, *rest = name.split(".")
        value = namespace.get(first, vars(builtins).get(first))
        for attribute in rest:
            value = getattr(value, attribute, None)
        if value is None:
            raise ValueError(f"there is no exception {name!r} to retry on: is it imported?")
        found.append(value)
    return exception_classes(found)


def check_engine(on: object) -> None:
    """Raise unless `on` is None, names an engine, or is an object that one of them takes."""
    if on is None or isinstance(on, Executor):
        return
    if not isinstance(on, str):
        if taking(on) is None:
            raise TypeError(
                f"a job runs on an engine ({', '.join(ENGINES)}) or on a concurrent.futures "
                f"executor, not on {short_repr(on)}"
            )
        return
    name, colon, _ = on.partition(":")
    row = named(on)
    if row is None:
        close = get_close_matches(name, ENGINES, 1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(ENGINES)}."
        raise ValueError(f"there is no engine {name!r}: {hint}")
    if colon and row.argument is None:
        raise ValueError(f"nothing may follow the name of the engine {name!r}, as in {on!r}")


def check_export(names: object) -> tuple[str, ...]:
    """The names to be exported, one by one: text may hold several, separated by commas.

    Raises:
        TypeError, ValueError: There is something else among them.
    """
    several = names.split(",") if isinstance(names, str) else names
    if not isinstance(several, list | tuple):
        raise TypeError(f"export takes names, as in export='a,b', not {short_repr(names)}")
    found = tuple(name.strip() if isinstance(name, str) else name for name in several)
    for name in found:
        if not isinstance(name, str) or not name.isidentifier():
            raise ValueError(f"{short_repr(name)} cannot be exported: it is not a name")
    return found
