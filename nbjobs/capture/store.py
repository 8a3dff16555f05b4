"""The bounded, ordered memory of one job's output. Its owner holds a lock around every call."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from .entries import Clear, Entry, Gap, Rich, Text, Update

BLOCK = 4096
"""Small strings are joined into blocks of about this size: kept apart they take four times the
memory of their text."""

SLICE = 4 * BLOCK
"""Large ones are cut to this size, so that the tail can be trimmed without copying it."""

OVERHEAD = 16
"""What each block in the tail counts for beside its text, so that output that changes streams with
every character cannot pile up objects."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a job's output is kept.

    Attributes:
        head: Characters kept from the start.
        tail: Characters kept up to the end.
        rich: The number of rich outputs (displays, results, errors): the newest.
        rich_chars: Their size altogether, in characters; the newest one is kept whatever its size.
    """

    head: int = 64 * 1024
    tail: int = 256 * 1024
    rich: int = 100
    rich_chars: int = 64 * 1024 * 1024


class Store:
    """Entries in order: a head, a gap, a tail.

    Rich outputs are dropped by their own limit only: one that the tail's text pushes out moves
    before the gap.

    Attributes:
        total: Characters of text ever added.
        count: Rich outputs ever added.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.total = 0
        self.count = 0
        self._clear_next = False
        self._forget()

    def _forget(self) -> None:
        self._head: list[Text | Rich] = []
        self._head_size = 0
        self._tail: deque[Text | Rich] = deque()
        self._tail_size = 0
        self._split = False  # the head is full: new entries go to the tail
        self._rich: deque[tuple[Rich, int]] = deque()
        self._rich_size = 0
        self._gap = Gap(0, 0)
        # The block being filled.
        self._open: list[str] = []
        self._open_name = ""
        self._open_size = 0

    @property
    def dropped(self) -> Gap:
        """What the limits have taken away since the last clear."""
        return self._gap

    def add(self, item: tuple[str, str] | Rich | Update | Clear) -> None:
        """Add stream text as `(name, text)`, or do what the item says."""
        if isinstance(item, Clear):
            self._clear_next = item.wait
            if not item.wait:
                self._forget()
            return
        if isinstance(item, Update):
            self._update(item)
            return
        if self._clear_next:
            self._clear_next = False
            self._forget()
        if isinstance(item, Rich):
            self._add_rich(item)
        else:
            self._add_text(*item)

    def entries(self) -> Iterator[Entry]:
        """All that is kept, in order. To be exhausted before the next change."""
        self._seal()
        gap = self._gap
        middle: tuple[Entry, ...] = (gap,) if gap.chars or gap.displays else ()
        return chain(self._head, middle, self._tail)

    def backwards(self) -> Iterator[Entry]:
        """The same from the end, without touching more than is asked for."""
        self._seal()
        gap = self._gap
        middle: tuple[Entry, ...] = (gap,) if gap.chars or gap.displays else ()
        return chain(reversed(self._tail), middle, reversed(self._head))

    def _add_text(self, name: str, text: str) -> None:
        size = len(text)
        if name != self._open_name or self._open_size + size > BLOCK:
            self._seal()
        if size <= BLOCK:
            self._open_name = name
            self._open.append(text)
            self._open_size += size
            self.total += size
            return
        room = 0 if self._split else self.limits.head - self._head_size
        most = room + self.limits.tail
        if size > most:
            # Never take hold of what would be dropped again at once.
            self._keep_slices(name, text[:room])
            skipped = size - most
            self.total += skipped
            self._gap.chars += skipped
            self._split = True
            text = text[room + skipped :]
        self._keep_slices(name, text)

    def _keep_slices(self, name: str, text: str) -> None:
        for at in range(0, len(text), SLICE):
            piece = text[at : at + SLICE]
            self._keep(Text(name, self.total, piece))
            self.total += len(piece)

    def _seal(self) -> None:
        if self._open:
            text = "".join(self._open)
            self._open = []
            self._open_size = 0
            self._keep(Text(self._open_name, self.total - len(text), text))

    def _keep(self, block: Text) -> None:
        if not self._split:
            room = self.limits.head - self._head_size
            if len(block.text) <= room:
                self._head.append(block)
                self._head_size += len(block.text)
                return
            self._split = True
            if room:
                self._head.append(Text(block.name, block.start, block.text[:room]))
                self._head_size += room
                block = Text(block.name, block.start + room, block.text[room:])
        self._tail.append(block)
        self._tail_size += len(block.text) + OVERHEAD
        while self._tail_size > self.limits.tail and len(self._tail) > 1:
            oldest = self._tail.popleft()
            if isinstance(oldest, Rich):
                self._head.append(oldest)
            else:
                self._tail_size -= len(oldest.text) + OVERHEAD
                self._gap.chars += len(oldest.text)

    def _add_rich(self, item: Rich) -> None:
        self._seal()
        item.start = self.total
        item.index = self.count
        self.count += 1
        size = size_of(item.content)
        self._rich.append((item, size))
        self._rich_size += size
        (self._tail if self._split else self._head).append(item)
        limits = self.limits
        while len(self._rich) > 1 and (
            len(self._rich) > limits.rich or self._rich_size > limits.rich_chars
        ):
            oldest, its_size = self._rich.popleft()
            self._rich_size -= its_size
            self._gap.displays += 1
            # The oldest stands near the start of whichever holds it.
            try:
                self._head.remove(oldest)
            except ValueError:
                self._tail.remove(oldest)

    def _update(self, update: Update) -> None:
        size = size_of(update.content)
        for place, (item, its_size) in enumerate(self._rich):
            if item.display_id == update.display_id:
                item.content = update.content
                self._rich[place] = (item, size)
                self._rich_size += size - its_size


def size_of(value: object) -> int:
    """About how many characters a piece of JSON has."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(size_of(k) + size_of(v) for k, v in value.items())
    if isinstance(value, list):
        return sum(size_of(v) for v in value)
    return 8
