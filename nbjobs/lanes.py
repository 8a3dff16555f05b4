"""Where jobs stand in line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .job import Job


class Lane:
    """Jobs of which so many run at a time, in order. The dispatcher's lock guards it.

    Attributes:
        name: The queue's name; None for those that have none.
        width: How many of its jobs may run at a time; None for any number.
        active: How many hold a place.
        waiting: Those in line, the next one first.
    """

    __slots__ = ("active", "name", "waiting", "width")

    def __init__(self, name: str | None, width: int | None) -> None:
        self.name = name
        self.width = width
        self.active = 0
        self.waiting: dict[Job, None] = {}

    @property
    def full(self) -> bool:
        """Whether there is no place in it."""
        return self.width is not None and self.active >= self.width

    @property
    def head(self) -> Job:
        """The next one; somebody must wait."""
        return next(iter(self.waiting))

    def move(self, job: Job, position: int) -> None:
        """Put a waiting job somewhere else in the line."""
        del self.waiting[job]
        line = list(self.waiting)
        line.insert(position, job)
        self.waiting = dict.fromkeys(line)
