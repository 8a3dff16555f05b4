"""What clusters are asked to call: a function by its name, imported there."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def call(module: str, name: str, *args: Any) -> Any:
    """Call a function of this package."""
    return getattr(import_module(f"nbjobs.cluster.{module}"), name)(*args)


class Call:
    """The same by name for ipyparallel, which sends a function's code: not for another Python."""

    def __call__(self, module: str, name: str, *args: Any) -> Any:
        """Call a function of this package."""
        return call(module, name, *args)
