"""Cut a sequence into chunks, and put the chunks' results together again."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import SupportsIndex, TypeVar, cast

T = TypeVar("T")


def get_chunks(sequence: Iterable[T], count: SupportsIndex) -> list[Sequence[T]]:
    """Deal the items of `sequence` out to `count` chunks, one by one, like cards.

    Neighbours land in different chunks, so that slow stretches of the input are shared out
    evenly. Item `i` is item `i // count` of chunk `i % count`.

    Args:
        sequence: Any iterable. Lists, tuples and ranges are sliced, which is fast and keeps their
            type (a range's chunks are ranges, of no size at all); anything else is read into a
            list once.
        count: How many chunks there are at most. Fewer items make fewer chunks, and no items make
            none, so no chunk is empty.

    Returns:
        A list of chunks whose lengths differ by at most one, the longer ones first.

    Raises:
        TypeError: `sequence` cannot be iterated, or `count` is not a whole number.
        ValueError: `count` is less than 1.

    Example:
        >>> get_chunks(range(7), 3)
        [range(0, 7, 3), range(1, 7, 3), range(2, 7, 3)]
        >>> get_chunks("abc", 8)
        [['a'], ['b'], ['c']]
    """
    try:
        number = operator.index(count)
    except TypeError:
        raise TypeError(
            f"the number of chunks must be a whole number, not {type(count).__name__}"
        ) from None
    if number < 1:
        raise ValueError(f"the number of chunks must be 1 or more, not {number}")
    # Exactly these types: slicing a subclass, an array or a data frame may mean something else.
    if type(sequence) in (list, tuple, range):
        items = cast("Sequence[T]", sequence)
    else:
        items = list(sequence)
    return [items[start::number] for start in range(min(number, len(items)))]


def join_chunks(chunks: Iterable[Iterable[T]]) -> list[T]:
    """Put back in input order what `get_chunks` dealt out.

    Args:
        chunks: The chunks, or the results for them, in the order of the chunks: one result for
            each item, in the order of the items.

    Returns:
        The items in the order that `get_chunks` was given them.

    Raises:
        TypeError: `chunks` or one of them cannot be iterated.
        ValueError: The lengths are not those of dealt-out chunks, so some result is missing or
            there is one too many.

    Example:
        >>> chunks = get_chunks("abcdefg", 3)
        >>> join_chunks([letter.upper() for letter in chunk] for chunk in chunks)
        ['A', 'B', 'C', 'D', 'E', 'F', 'G']
    """
    columns = [list(chunk) for chunk in chunks]
    if not columns:
        return []
    lengths = [len(column) for column in columns]
    total = sum(lengths)
    rows, longer = divmod(total, len(columns))
    if lengths != [rows + 1] * longer + [rows] * (len(columns) - longer):
        raise ValueError(
            f"chunks of lengths {lengths} are not what get_chunks deals out: "
            "is a result missing, or are the chunks in another order?"
        )
    joined = list(chain.from_iterable(zip(*columns, strict=False)))
    joined.extend(column[rows] for column in columns[:longer])
    return joined
