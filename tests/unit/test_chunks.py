"""Chunks: dealt out round-robin, and put together again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbjobs import get_chunks, join_chunks


def test_deals_like_cards() -> None:
    """Neighbours land in different chunks, the longer chunks come first."""
    assert get_chunks(list("abcdefg"), 3) == [["a", "d", "g"], ["b", "e"], ["c", "f"]]


@given(st.lists(st.integers()), st.integers(1, 50))
def test_round_trip(items: list[int], count: int) -> None:
    """Joining what was dealt out gives the input, for any length and count."""
    chunks = get_chunks(items, count)
    assert join_chunks(chunks) == items
    assert len(chunks) == min(count, len(items))
    assert all(
        chunk[i] == items[start + i * count]
        for start, chunk in enumerate(chunks)
        for i in range(len(chunk))
    )


@pytest.mark.parametrize("make", [list, tuple, iter, set, dict.fromkeys, lambda r: (i for i in r)])
def test_any_iterable(make) -> None:
    """Lists, tuples, iterators, sets, dicts and generators all work."""
    chunks = get_chunks(make(range(10)), 4)
    assert [list(chunk) for chunk in chunks] == [[0, 4, 8], [1, 5, 9], [2, 6], [3, 7]]


def test_a_range_is_not_unrolled() -> None:
    """The chunks of a range are ranges, whatever its length."""
    assert get_chunks(range(10**15), 2) == [range(0, 10**15, 2), range(1, 10**15, 2)]


def test_a_string_is_its_letters() -> None:
    """A string's chunks are lists of letters, and results of another type join as well."""
    assert get_chunks("abcd", 2) == [["a", "c"], ["b", "d"]]
    assert join_chunks([map(str.upper, "ac"), ("B", "D")]) == ["A", "B", "C", "D"]


def test_an_array_is_read_item_by_item() -> None:
    """A numpy array is not sliced by accident of its own indexing rules."""
    numpy = pytest.importorskip("numpy")
    assert [list(map(int, c)) for c in get_chunks(numpy.arange(5), 2)] == [[0, 2, 4], [1, 3]]


@pytest.mark.parametrize("empty", [[], (), "", range(0), iter(())])
def test_nothing_gives_no_chunks(empty) -> None:
    """An empty sequence has no chunks, and no chunks join to nothing."""
    assert get_chunks(empty, 8) == []
    assert join_chunks([]) == []


@pytest.mark.parametrize("count", [0, -1])
def test_count_must_be_positive(count: int) -> None:
    """A count below one is an error that says so."""
    with pytest.raises(ValueError, match=f"1 or more, not {count}"):
        get_chunks([1], count)


@pytest.mark.parametrize("count", [1.5, "3", None])
def test_count_must_be_a_whole_number(count) -> None:
    """So is a count that is no whole number."""
    with pytest.raises(TypeError, match="whole number, not "):
        get_chunks([1], count)


def test_not_iterable() -> None:
    """What cannot be iterated is refused."""
    with pytest.raises(TypeError, match="not iterable"):
        get_chunks(3, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize("lengths", [(1, 2), (3, 1), (2, 0)])
def test_a_missing_result_is_noticed(lengths: tuple[int, int]) -> None:
    """Lengths that cannot come from get_chunks raise rather than give a wrong order."""
    with pytest.raises(ValueError, match="missing"):
        join_chunks([[0] * n for n in lengths])
