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
        holder: The module, class or object. If it only inherits the attribute it gets one of its
            own, which is deleted in the end.
        name: The attribute.
        wrap: Gets the original and this patch, and returns the replacement.

    Attributes:
        original: What was there before; what is inherited, if nothing was.
    """

    def __init__(self, holder: Any, name: str, wrap: Callable[[Any, Patch], Any]) -> None:
        self.active = False
        self.original: Any = None
        self.wrapper: Any = None
        self._inherited = False
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
                own = vars(self._holder)
                self._inherited = self._name not in own
                # From the dictionary, so that a static method stays one.
                self.original = (
                    getattr(self._holder, self._name, None) if self._inherited else own[self._name]
                )
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
                if self._inherited:
                    delattr(self._holder, self._name)
                else:
                    setattr(self._holder, self._name, self.original)
                self.wrapper = None


class Patches:
    """Patches that are put in place one by one, and taken away together.

    Attributes:
        active: Whether they still are in place: every replacement must look at it, and do nothing
            of its own when it is False, since somebody may have wrapped the replacement.
    """

    def __init__(self) -> None:
        self.active = True
        self._done: list[Patch] = []

    def replace(self, holder: Any, name: str, new: Any) -> None:
        """Set the attribute `name` of `holder` to `new`."""
        patch = Patch(holder, name, lambda original, patch: new)
        patch.apply()
        self._done.append(patch)

    def undo(self) -> None:
        """Put everything back, the newest first."""
        self.active = False
        while self._done:
            self._done.pop().remove()
