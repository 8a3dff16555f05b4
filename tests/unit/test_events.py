"""Subscribers hear everything, in order, and can do no harm."""

import logging

import pytest

from nbjobs.events import EventStream


def test_all_hear_all_in_order() -> None:
    """Each subscriber gets each event, in the order of subscription."""
    stream: EventStream[int] = EventStream()
    heard: list[tuple[str, int]] = []
    stream.subscribe(lambda event: heard.append(("a", event)))
    stream.subscribe(lambda event: heard.append(("b", event)))
    stream.publish(1)
    stream.publish(2)
    assert heard == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_a_broken_subscriber_hurts_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """Its error is logged; the others still hear."""
    stream: EventStream[int] = EventStream()
    heard: list[int] = []
    stream.subscribe(lambda event: 1 / 0)
    stream.subscribe(heard.append)
    with caplog.at_level(logging.ERROR):
        stream.publish(7)
    assert heard == [7]
    assert "ZeroDivisionError" in caplog.text


def test_unsubscribe_ends_only_that_subscription() -> None:
    """The same callback subscribed twice is ended one at a time, and ending is idempotent."""
    stream: EventStream[int] = EventStream()
    heard: list[int] = []
    first = stream.subscribe(heard.append)
    stream.subscribe(heard.append)
    first()
    first()
    stream.publish(1)
    assert heard == [1]


def test_only_callables() -> None:
    """Anything else is refused at once."""
    with pytest.raises(TypeError, match="callable, not int"):
        EventStream().subscribe(3)  # type: ignore[arg-type]
