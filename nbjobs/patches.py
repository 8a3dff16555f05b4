"""Replacing an attribute of somebody else's module or class, and putting it back exactly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class Patch:
    """One attribute, replaced by a wrapper of it while anyone asks for it.

    Applying is counted: the first `apply` puts the wrapper in, the last `remove` takes it out. If
    somebody wrapped our wrapper in the meantime, taking it out would undo their work, too. Then it
    stays, and `active`, which every wrapper must look at, tells it to pass calls through.

    Args:
        holder: The module or class; it must define the attribute itself, not inherit it.
        name: The attribute.
        wrap: Gets the original and this patch, and returns the replacement.
    """

    def __init__(self, holder: Any, name: str, wrap: Callable[[Any, Patch], Any]) -> None:
        self.active = False
        self.original: Any = None
        self.wrapper: Any = None
        self._holder = holder
        self._name = name
        self._wrap = wrap
        self._count = 0
        self._lock = threading.Lock()

    def apply(self) -> None:
        """Put the wrapper in place, if it is not there yet."""
        with self._lock:
            self._count += 1
            if self._count > 1:
                return
            if self.wrapper is None:
                self.original = vars(self._holder)[self._name]
                self.wrapper = self._wrap(self.original, self)
                setattr(self._holder, self._name, self.wrapper)
            self.active = True

    def remove(self) -> None:
        """Put the original back, once for each `apply`; more often does nothing."""
        with self._lock:
            if self._count == 0:
                return
            self._count -= 1
            if self._count:
                return
            self.active = False
            if vars(self._holder).get(self._name) is self.wrapper:
                setattr(self._holder, self._name, self.original)
                self.wrapper = None
