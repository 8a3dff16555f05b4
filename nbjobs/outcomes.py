"""What has become of the items of a map, kept so that many threads can add to it cheaply."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class _Pending:
    """Stands for a result that is not there."""

    def __repr__(self) -> str:
        return "PENDING"


PENDING: Any = _Pending()


class ItemError(NamedTuple):
    """An item that failed or was killed: its place in the input, the item, what it raised."""

    # Hides a method of tuples that nobody calls on three such different things.
    index: int  # type: ignore[assignment]
    item: Any
    exception: Exception


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What became of one item: `value` is its result, unless there is an `error`."""

    index: int
    value: Any = None
    error: ItemError | None = None

    def get(self) -> Any:
        """The result; raises the item's error if it has none."""
        if self.error is not None:
            raise self.error.exception
        return self.value


class Kept:
    """Keeps all results.

    No locks: each item is written by one worker, to a place of its own, and whoever reads looks
    at the place and then at `order`, to which the worker appends afterwards.

    Attributes:
        values: The results by index; PENDING where there is none (yet).
        failed: The errors by index.
        order: The indexes in the order in which the items were done.
    """

    def __init__(self, size: int = 0) -> None:
        self.values: list[Any] = [PENDING] * size
        self.failed: dict[int, ItemError] = {}
        self.order: Any = []  # A list, or a deque.

    @property
    def size(self) -> int:
        """How many items there are, as far as is known."""
        return len(self.values)

    def reserve(self, index: int) -> None:
        """There is an item of that index; they come in order."""
        if index == len(self.values):
            self.values.append(PENDING)

    def set(self, index: int, value: Any) -> None:
        """An item has succeeded."""
        self.values[index] = value
        self.order.append(index)

    def set_all(self, indexes: Sequence[int], values: Sequence[Any]) -> None:
        """Several items have succeeded, at once."""
        kept = self.values
        for index, value in zip(indexes, values, strict=True):
            kept[index] = value
        self.order.extend(indexes)

    def fail(self, error: ItemError) -> None:
        """An item has failed."""
        self.failed[error.index] = error
        self.order.append(error.index)

    def look(self, index: int) -> ItemOutcome | None:
        """What became of an item; None if nothing yet."""
        error = self.failed.get(index)
        if error is not None:
            return ItemOutcome(index, error=error)
        value = self.values[index]
        return None if value is PENDING else ItemOutcome(index, value)

    def take(self, index: int) -> ItemOutcome | None:
        """The same, for an iteration: here the results stay."""
        return self.look(index) if index < len(self.values) else None

    def take_next(self, position: int) -> ItemOutcome | None:
        """The outcome of the item that was done as number `position`; None if not yet."""
        return self.look(self.order[position]) if position < len(self.order) else None

    def missing(self) -> list[int]:
        """The indexes of the items without an outcome."""
        return [
            index
            for index, value in enumerate(self.values)
            if value is PENDING and index not in self.failed
        ]

    def carry_over(self, old: Kept) -> None:
        """Take over what has succeeded in an earlier run over the same items."""
        self.values = list(old.values)
        self.order = [index for index in old.order if index not in old.failed]


class Handed(Kept):
    """Keeps each result only until an iteration has taken it."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[int, Any] = {}
        self.order = deque()
        self.count = 0

    @property
    def size(self) -> int:
        """How many items have been pulled so far."""
        return self.count

    def reserve(self, index: int) -> None:
        """There is an item of that index."""
        self.count = max(self.count, index + 1)

    def set(self, index: int, value: Any) -> None:
        """An item has succeeded."""
        self.waiting[index] = value
        self.order.append(index)

    def set_all(self, indexes: Sequence[int], values: Sequence[Any]) -> None:
        """Several items have succeeded, at once."""
        self.waiting.update(zip(indexes, values, strict=True))
        self.order.extend(indexes)

    def look(self, index: int) -> ItemOutcome | None:
        """What became of an item that has not been taken; None if nothing yet."""
        error = self.failed.get(index)
        if error is not None:
            return ItemOutcome(index, error=error)
        value = self.waiting.get(index, PENDING)
        return None if value is PENDING else ItemOutcome(index, value)

    def take(self, index: int) -> ItemOutcome | None:
        """The same, and let go of the result."""
        outcome = self.look(index)
        self.waiting.pop(index, None)
        self.failed.pop(index, None)
        # What was taken in input order is still noted here, and must not pile up.
        order = self.order
        while order and order[0] not in self.waiting and order[0] not in self.failed:
            order.popleft()
        return outcome

    def take_next(self, position: int) -> ItemOutcome | None:
        """The outcome of the item done next; let go of the result."""
        while self.order:
            outcome = self.take(self.order.popleft())
            if outcome is not None:
                return outcome
        return None

    def missing(self) -> list[int]:
        """None that could be told from those that were taken."""
        return []
