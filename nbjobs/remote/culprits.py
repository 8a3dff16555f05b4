"""What it is that cannot be pickled, said in the user's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any

from ..text import one_line, type_name
from . import names, parcel

DEPTH = 5
"""How deep to look into containers and functions."""

MOST = 1000
"""How many items of a container to look at."""


def parts_of(kind: str, work: Any, values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """All that is to travel, by the names that the user knows it by."""
    parts: list[tuple[str, Any]] = list(values.items())
    if kind != "code":
        parts.append((getattr(work[0], "__name__", None) or repr(work[0]), work[0]))
    if kind == "call":
        parts += [(f"argument {place}", arg) for place, arg in enumerate(work[1], 1)]
        parts += [(f"argument {name}=", arg) for name, arg in work[2].items()]
    return parts


def weight(value: Any) -> int:
    """About how many bytes something is when it travels."""
    try:
        return parcel.measure(value)
    except Exception:
        return 0


def explain(kind: str, work: Any, values: Mapping[str, Any], error: BaseException) -> str:
    """A sentence that names the variable, or the argument, that cannot be pickled."""
    reason = one_line(str(error) or type(error).__name__, 200)
    for name, value in parts_of(kind, work, values):
        if parcel.fails(value) is not None:
            where, what = _deepest(name, value, DEPTH)
            return (
                f"{where} ({type_name(type(what))}) cannot be sent to another process: {reason}. "
                "Make it there, inside the job's own code, or use a thread"
            )
    return f"the job cannot be sent to another process: {reason}"


def _deepest(name: str, value: Any, depth: int) -> tuple[str, Any]:
    """The innermost thing in `value` that cannot be pickled, with the way to it."""
    if depth:
        for way, part in _parts(name, value):
            if parcel.fails(part) is not None:
                return _deepest(way, part, depth - 1)
    return name, value


def _parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for _, (key, part) in zip(range(MOST), value.items(), strict=False):
            yield f"{name}[{one_line(repr(key), 40)}]", part
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value[:MOST]):
            yield f"{name}[{index}]", part
    elif isinstance(value, FunctionType):
        for global_, part in names.used([value.__code__], value.__globals__).items():
            if part is not value:
                yield f"{global_}, which {name} uses,", part
        for variable, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=True):
            yield f"{variable}, which {name} uses,", _content(cell)
        for default in value.__defaults__ or ():
            yield f"a default argument of {name}", default
    elif type(value).__module__ != "builtins" and isinstance(
        getattr(value, "__dict__", None), dict
    ):
        for attribute, part in vars(value).items():
            yield f"{name}.{attribute}", part


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # Not assigned yet.
        return None
