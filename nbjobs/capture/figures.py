"""pyplot's figures, apart for each job.

pyplot keeps the open figures, and which of them is the current one, in one ordered dict for the
whole process: a job's `plt.plot` would draw into the user's figure, and its `plt.show` close it.
That dict is replaced by one that stands for the running code's own.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

from ..context import current
from .imports import when_imported
from .recorder import Recorder

REGISTRY = "matplotlib._pylab_helpers"


class FiguresByJob(OrderedDict[Any, Any]):
    """The open figures of whoever asks: of the job that runs this code, or everybody else's."""

    def __init__(self, outside: OrderedDict[Any, Any]) -> None:
        super().__init__()
        self.outside = outside
        self.of_jobs: WeakKeyDictionary[Recorder, OrderedDict[Any, Any]] = WeakKeyDictionary()

    def own(self) -> OrderedDict[Any, Any]:
        """The dict that this one stands for now."""
        job = current.get()
        if job is None:
            return self.outside
        return self.of_jobs.setdefault(job.recorder, OrderedDict())

    def __getitem__(self, key: Any) -> Any:
        return self.own()[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self.own()[key] = value

    def __delitem__(self, key: Any) -> None:
        del self.own()[key]

    def __contains__(self, key: object) -> bool:
        return key in self.own()

    def __len__(self) -> int:
        return len(self.own())

    def __iter__(self) -> Iterator[Any]:
        return iter(self.own())

    def __reversed__(self) -> Any:
        return reversed(self.own())

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = None  # type: ignore[assignment]  # as of any dict


def _standing_for(name: str) -> Callable[..., Any]:
    def method(self: FiguresByJob, *args: Any, **options: Any) -> Any:
        return getattr(self.own(), name)(*args, **options)

    method.__name__ = name
    return method


for _name in (
    "clear",
    "copy",
    "get",
    "items",
    "keys",
    "move_to_end",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
):
    setattr(FiguresByJob, _name, _standing_for(_name))


def install() -> Callable[[], None]:
    """Keep jobs' figures apart, from now or from the first import of pyplot on.

    Returns:
        The function that undoes it.
    """

    def separate(module: Any) -> None:
        if not isinstance(module.Gcf.figs, FiguresByJob):
            module.Gcf.figs = FiguresByJob(module.Gcf.figs)

    forget = when_imported(REGISTRY, separate)

    def undo() -> None:
        forget()
        module = sys.modules.get(REGISTRY)
        if module is not None and isinstance(module.Gcf.figs, FiguresByJob):
            module.Gcf.figs = module.Gcf.figs.outside

    return undo


def close_all() -> list[Any]:
    """Close the running job's open figures and return them."""
    module = sys.modules.get(REGISTRY)
    if module is None or not isinstance(module.Gcf.figs, FiguresByJob):
        return []
    managers = list(module.Gcf.figs.own().values())
    for manager in managers:
        module.Gcf.destroy(manager)
    return [manager.canvas.figure for manager in managers]
