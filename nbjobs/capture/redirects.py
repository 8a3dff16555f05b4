"""What a job's code has put in place of its own streams."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any


class Redirectable:
    """Something with streams that code can redirect.

    Attributes:
        redirects: What stands in place of each stream, innermost last.
    """

    def __init__(self) -> None:
        self.redirects: dict[str, list[Any]] = {}

    def write(self, name: str, text: str) -> int:
        """Write text to the stream `name` itself."""
        raise NotImplementedError

    def writer(self, name: str) -> Callable[[str], object]:
        """The `write` of the stream `name` as the job's code sees it now: redirected, or not."""
        if self.redirects:
            stack = self.redirects.get(name)
            if stack:
                write: Callable[[str], object] = stack[-1].write
                return write
        return partial(self.write, name)
