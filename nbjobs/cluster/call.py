"""What clusters are asked to call: a function by its name, imported there."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def call(module: str, name: str, *args: Any) -> Any:
    """Call a function of this package."""
    return getattr(import_module(f"nbjobs.cluster.{module}"), name)(*args)


class Call:
    """The same with the first arguments in it, for ipyparallel.

    That sends a function's code: not for another Python. And it takes its time for each argument.
    """

    def __init__(self, *args: Any) -> None:
        self._args = args

    def __call__(self, *more: Any) -> Any:
        """Call it with the rest of its arguments."""
        return call(*self._args, *more)
