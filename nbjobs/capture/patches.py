"""Attributes of other people's objects, replaced and put back."""

from __future__ import annotations

from typing import Any

_MISSING = object()


class Patches:
    """Replaces attributes, and can undo exactly that.

    What somebody else has replaced since is left as it is, because theirs may call ours: so a
    replacement must do nothing of its own once `active` is False.
    """

    def __init__(self) -> None:
        self.active = True
        self._done: list[tuple[Any, str, Any, Any]] = []

    def replace(self, owner: Any, name: str, new: Any) -> None:
        """Set the attribute `name` of `owner` to `new`."""
        # vars(): what `owner` only inherits is deleted, not set, to undo this.
        old = vars(owner).get(name, _MISSING)
        setattr(owner, name, new)
        self._done.append((owner, name, old, vars(owner)[name]))

    def undo(self) -> None:
        """Put everything back, the newest first."""
        self.active = False
        while self._done:
            owner, name, old, ours = self._done.pop()
            if vars(owner).get(name, _MISSING) is not ours:
                continue
            if old is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, old)
