"""A manager as a collection of jobs."""

from __future__ import annotations

from collections.abc import Iterator

from .job import Job
from .registry import Key, Registry


class Lookup:
    """Jobs by number, name or range, and all in order; nothing is held here."""

    _registry: Registry

    @property
    def all(self) -> dict[int, Job]:
        """All jobs by number; a copy."""
        return self._registry.by_num()

    def names(self) -> list[str]:
        """The names that jobs have."""
        return self._registry.names()

    def __getitem__(self, which: Key) -> Job:
        """The job of that number or name, or that job itself.

        Raises:
            JobNotFound: There is none.
        """
        return self._registry.find(which)

    def select(self, *which: Key) -> list[Job]:
        """The jobs meant by `which`: numbers, names, jobs, and ranges such as `"5-9"`.

        Raises:
            JobNotFound: One of them is not there.
        """
        return self._registry.select(*which)

    def __iter__(self) -> Iterator[Job]:
        return iter(self._registry.jobs())

    def __len__(self) -> int:
        return len(self._registry)

    def __contains__(self, which: object) -> bool:
        return self._registry.has(which)

    # Output.
