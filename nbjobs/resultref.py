"""A result that stays where it was made until somebody reads it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any


class ResultRef(ABC):
    """Stands for a value wherever that is only passed on, and never seen by the user.

    Attributes:
        type_name: The value's type.
        text: Its short repr, made where it is.
    """

    type_name: str
    text: str

    @abstractmethod
    def bring(self) -> Future[Any]:
        """Have it brought here; the future ends when it has come, or cannot come any more."""

    @abstractmethod
    def read(self, timeout: float | None = None) -> Any:
        """The value; waits until it is here.

        Raises:
            JobTimeout: It has not come within so many seconds, and goes on coming.
            JobError: It is lost, or cannot be unpickled here.
        """

    @abstractmethod
    def peek(self) -> Any:
        """The value, if it is `near`; what is held elsewhere stays there.

        Raises:
            JobError: It cannot be unpickled here.
        """

    @property
    @abstractmethod
    def near(self) -> bool:
        """Whether it is here, though perhaps not unpickled."""


def read(value: Any, timeout: float | None = None) -> Any:
    """A value as the user is to see it, wherever it is."""
    return value.read(timeout) if isinstance(value, ResultRef) else value


def among(args: Iterable[Any], kwargs: Mapping[str, Any]) -> list[ResultRef]:
    """Those of the arguments that only stand for a value."""
    return [each for each in (*args, *kwargs.values()) if isinstance(each, ResultRef)]
