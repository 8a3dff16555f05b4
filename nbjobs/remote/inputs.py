"""Arguments that do not travel with a job: its worker is handed them by the cluster itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Input:
    """Stands in the packed call for the argument that comes as number `index`."""

    index: int


def filled(work: Any, inputs: Sequence[Callable[[], Any]]) -> Any:
    """A call with its arguments in place.

    Args:
        work: The function, its arguments and its keyword arguments.
        inputs: What makes the values.
    """
    function, args, kwargs = work

    def value(each: Any) -> Any:
        return inputs[each.index]() if type(each) is Input else each

    return function, [value(each) for each in args], {k: value(v) for k, v in kwargs.items()}
