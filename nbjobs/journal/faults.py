"""What can go wrong with the journal's file, and what to say about it: once for each kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

FAULTS = (sqlite3.Error, OSError)
"""What reading or writing the file raises."""

_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
"""Seconds before each new try. After the last, the next job is waited for: no wake-ups for ever."""


def is_of_the_file(error: BaseException) -> bool:
    """Whether it is the file that has failed, and not something about the job to be written."""
    return isinstance(error, OSError | sqlite3.OperationalError) or is_broken(error)


def is_broken(error: BaseException) -> bool:
    """Whether the file itself is damaged, so that trying again is of no use."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _BROKEN


class Warnings:
    """Tells the user about faults, and of each kind only once."""

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        self._path = path
        self._tell = tell
        self._told: set[str] = set()
        self._failing = False

    def fault(self, error: BaseException, what_now: str) -> None:
        """Something has failed; `what_now` says what becomes of it."""
        kind = getattr(error, "sqlite_errorname", None) or type(error).__name__
        # One cause has several faces, as it is met by one call or another.
        if not self._failing:
            self.say(kind, f"{error}; {what_now}")
        self._failing = True

    def succeeded(self) -> None:
        """It works: what fails from now on has another cause."""
        self._failing = False

    def say(self, kind: str, text: str) -> None:
        """Say it, unless something of that kind has been said before."""
        if kind not in self._told:
            self._told.add(kind)
            self._tell(
                f"nbjobs: the journal {self._path} cannot be kept as it should, "
                f"and jobs go on without it: {text}"
            )


class Retries:
    """When to try again."""

    def __init__(self) -> None:
        self._failed = 0

    def pause(self) -> float | None:
        """It has failed: how long to wait; None for until there is something new to write."""
        self._failed += 1
        return _PAUSES[self._failed - 1] if self._failed <= len(_PAUSES) else None

    @property
    def failing(self) -> bool:
        """Whether the last try has failed."""
        return self._failed > 0

    def succeeded(self) -> None:
        """It works again."""
        self._failed = 0
