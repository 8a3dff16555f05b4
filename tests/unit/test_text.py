"""Short texts never run foreign code."""

import functools
import threading

import pytest

from nbjobs import text


class Hostile:
    """Its repr and str never return."""

    def __repr__(self) -> str:
        threading.Event().wait()
        return ""

    __str__ = __repr__

    def __lt__(self, other: object) -> bool:
        threading.Event().wait()
        return True

    def __call__(self) -> None:
        """Callable, too."""


# However the tests are imported.
Hostile.__module__ = "here"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1024, "1024"),
        ("a\nb", r"'a\nb'"),
        ([1, {"k": (None,)}], "[1, {'k': (None,)}]"),
        (Hostile(), "<here.Hostile>"),
        ([Hostile()], "[<here.Hostile>]"),
        ({Hostile(): 1, Hostile(): 2}, "{<here.Hostile>: 1, <here.Hostile>: 2}"),
        ({Hostile(), Hostile()}, "{<here.Hostile>, <here.Hostile>}"),
        (frozenset(), "frozenset()"),
        pytest.param(1 << 20_000, "<int of 20,001 bits>", id="huge"),
    ],
)
def test_short_repr(value: object, shown: str) -> None:
    """Builtin values are spelt out, everything else is named by its type."""
    # Not in the assertion: pytest would show the value itself if it failed.
    short = text.short_repr(value)
    assert short == shown


def test_short_repr_is_short() -> None:
    """However large the value is; an int too long for digits is shown all the same."""
    for value in ("x" * 10**6, list(range(10**5)), 10**5000, [[[[[[1]]]]]]):
        assert 0 < len(text.short_repr(value, 40)) <= 40


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (len, "len"),
        (functools.partial(len, []), "len"),
        (Hostile(), "here.Hostile"),
        (str.upper, "str.upper"),
    ],
)
def test_call_name(function: object, name: str) -> None:
    """A callable is named without asking it to show itself."""
    found = text.call_name(function)
    assert found == name


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (0.0, "0 ms"),
        (0.0204, "20 ms"),
        (0.3, "0.3 s"),
        (9.96, "10 s"),
        (59.6, "1:00"),
        (187, "3:07"),
        (3723, "1:02:03"),
    ],
)
def test_seconds(value: float | None, shown: str) -> None:
    """Durations read as people write them."""
    assert text.seconds(value) == shown


def test_one_line_has_no_control_characters() -> None:
    """Escapes and lone surrogates cannot reach a terminal through a job's name."""
    assert text.one_line("a\x1b[31mb\n\tc\udc80") == "a\ufffd[31mb c\ufffd"


def test_listed_and_plural() -> None:
    """English for lists and numbers."""
    assert text.listed(["a"]) == "a"
    assert text.listed(["a", "b", "c"]) == "a, b and c"
    assert (text.plural(1, "job"), text.plural(2000, "job")) == ("1 job", "2,000 jobs")
