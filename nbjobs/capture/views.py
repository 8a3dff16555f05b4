"""Two ways to look at a part of the recorded entries: the newest, and what is new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .entries import Entry, Gap, Output, Rich, Text, outputs_of


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in a job's output: characters and rich outputs before it."""

    chars: int = 0
    rich: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """What came after a cursor.

    Attributes:
        entries: In order. A `Gap` stands for what was dropped before it could be read.
        cursor: The position after them.
    """

    entries: list[Entry]
    cursor: Cursor

    @property
    def outputs(self) -> list[Output]:
        """The entries as nbformat outputs."""
        return outputs_of(self.entries)


def news(entries: Iterable[Entry], seen: Cursor, end: Cursor) -> News:
    """The part of `entries` after `seen`, up to `end`, where they end."""
    found: list[Entry] = []
    kept = 0
    for entry in entries:
        if isinstance(entry, Gap):
            continue
        if isinstance(entry, Rich):
            if entry.index >= seen.rich:
                found.append(entry)
            continue
        stop = entry.start + len(entry.text)
        if stop > seen.chars:
            cut = max(0, seen.chars - entry.start)
            part = entry if not cut else Text(entry.name, seen.chars, entry.text[cut:])
            kept += len(part.text)
            found.append(part)
    missed = end.chars - seen.chars - kept
    if missed > 0:
        found.insert(0, Gap(missed, 0))
    return News(found, end)


def window(newest_first: Iterable[Entry], chars: int, rich: int) -> tuple[list[Entry], int]:
    """The newest `chars` characters, from the start of a line, and `rich` rich outputs.

    Returns:
        The entries in order, and how many characters they show.
    """
    found: list[Entry] = []
    left = chars
    riches = 0
    cut_short = False
    for entry in newest_first:
        if isinstance(entry, Rich):
            if riches < rich:
                riches += 1
                found.append(entry)
        elif isinstance(entry, Gap):
            # What came before it does not belong to what comes after it.
            cut_short = True
            left = 0
        elif isinstance(entry, Text):
            if left <= 0:
                cut_short = True
                if riches >= rich:
                    break
                continue
            if len(entry.text) > left:
                found.append(Text(entry.name, entry.start, entry.text[-left:]))
                cut_short = True
                left = 0
            else:
                found.append(entry)
                left -= len(entry.text)
    found.reverse()
    if cut_short:
        _start_at_a_line(found)
    return found, sum(len(entry.text) for entry in found if isinstance(entry, Text))


def _start_at_a_line(entries: list[Entry]) -> None:
    """Take the end of a line off the start of the first text, unless that leaves nothing."""
    for place, entry in enumerate(entries):
        if isinstance(entry, Text):
            line_end = entry.text.find("\n") + 1
            if 0 < line_end < len(entry.text):
                entries[place] = Text(entry.name, entry.start, entry.text[line_end:])
            return
