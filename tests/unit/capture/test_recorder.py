"""The recorder: order, limits, notice of new output, and writing from anywhere."""

from __future__ import annotations

import logging
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbjobs.capture.recorder import Recorder
from nbjobs.capture.store import Limits
from nbjobs.capture.views import Cursor

SMALL = Limits(head=100, tail=200, rich=3, rich_chars=1000)

STREAM = st.sampled_from(["stdout", "stderr"])


@given(st.lists(st.tuples(STREAM, st.text(max_size=40))))
def test_everything_is_kept_in_order_below_the_limits(writes: list[tuple[str, str]]) -> None:
    """Text comes back as it was written, on each stream and altogether."""
    recorder = Recorder()
    for name, text in writes:
        assert recorder.write(name, text) == len(text)
    for name in ("stdout", "stderr"):
        assert recorder.text(name) == "".join(text for n, text in writes if n == name)
    everything = "".join(text for _, text in writes)
    assert recorder.total == len(everything)
    assert recorder.tail(10**6) in ("", recorder.printed())


@given(st.lists(st.tuples(STREAM, st.text("ab\n", max_size=150))), st.integers(0, 400))
@settings(max_examples=200)
def test_the_limits_hold_and_nothing_is_lost_untold(
    writes: list[tuple[str, str]], chars: int
) -> None:
    """Kept and dropped characters add up; head and tail are the first and the last ones."""
    recorder = Recorder(limits=SMALL)
    for name, text in writes:
        recorder.write(name, text)
    everything = "".join(text for _, text in writes)
    news = recorder.since(Cursor())
    texts = [entry.text for entry in news.entries if hasattr(entry, "text")]
    kept = "".join(texts)
    dropped = recorder.dropped.chars
    assert len(kept) + dropped == len(everything)
    assert len(kept) <= SMALL.head + SMALL.tail + 4 * 4096
    head = min(SMALL.head, len(everything))
    assert kept[:head] == everything[:head]
    assert everything.endswith(kept[head:])
    outputs, before = recorder.window(chars, 0)
    shown = "".join(o["text"] for o in outputs if o["name"] in ("stdout", "stderr"))
    assert len(shown) <= chars
    assert everything.endswith(shown)
    assert before + len(shown) == len(everything)


def test_a_window_ends_at_a_gap() -> None:
    """What stands before dropped text is never shown as if it stood right before the rest."""
    recorder = Recorder(limits=SMALL)
    recorder.write("stdout", "x" * (SMALL.head - 1) + "\n")
    for _ in range(1000):
        recorder.write("stdout", "y" * 100)
    assert recorder.dropped.chars
    outputs, _ = recorder.window(10**6, 0)
    assert set("".join(o["text"] for o in outputs)) == {"y"}


def test_of_one_huge_write_the_ends_are_kept() -> None:
    """A string far above the limits leaves its start, its end and a line that says what is gone."""
    recorder = Recorder(limits=SMALL)
    recorder.write("stdout", "a" * 150 + "b" * 100_000 + "c" * 150)
    assert recorder.dropped.chars == 100_000
    text = recorder.text("stdout")
    assert text.startswith("a" * 100 + "\n[nbjobs: 100,000 characters dropped here]\n")
    assert text.endswith("b" * 50 + "c" * 150)
    assert [o["name"] for o in recorder.outputs] == ["stdout", "stderr", "stdout"]


def test_small_writes_are_joined() -> None:
    """A hundred thousand single characters take few objects."""
    recorder = Recorder()
    for _ in range(100_000):
        recorder.write("stdout", "x")
    assert len(recorder.since(Cursor()).entries) <= 100_000 // 4096 + 1


def test_the_newest_rich_outputs_are_kept() -> None:
    """Above the number, or the size, the oldest displays go; text never pushes one out."""
    recorder = Recorder(limits=SMALL)
    for n in range(5):
        recorder.display({"text/plain": f"display {n}"})
        recorder.write("stdout", f"{n}" * 200)
    kept = [o["data"]["text/plain"] for o in recorder.outputs if "data" in o]
    assert kept == ["display 2", "display 3", "display 4"]
    assert recorder.dropped.displays == 2
    recorder.display({"text/plain": "y" * 5000})
    kept = [o["data"]["text/plain"][0] for o in recorder.outputs if "data" in o]
    assert kept == ["y"]


def test_updates_replace_what_was_displayed() -> None:
    """All displays of an id change; an unknown id is reported, to be looked for elsewhere."""
    recorder = Recorder()
    recorder.display({"text/plain": "old"}, display_id="a")
    recorder.display({"text/plain": "other"}, display_id="b")
    recorder.display({"text/plain": "old"}, display_id="a")
    assert recorder.update("a", {"text/plain": "new"}, {"x": 1}) is True
    assert recorder.update("unknown", {"text/plain": "new"}) is False
    assert [o["data"]["text/plain"] for o in recorder.outputs] == ["new", "other", "new"]
    assert recorder.outputs[0]["metadata"] == {"x": 1}


def test_clearing_forgets_at_once_or_with_the_next_output() -> None:
    """clear() empties, clear(wait=True) when something comes; the count goes on."""
    recorder = Recorder()
    recorder.write("stdout", "one")
    recorder.clear()
    assert recorder.outputs == []
    recorder.write("stdout", "two")
    recorder.clear(wait=True)
    assert recorder.text("stdout") == "two"
    recorder.error("E", "message", ["line"])
    assert [o["output_type"] for o in recorder.outputs] == ["error"]
    assert recorder.total == 6


def test_news_come_once_and_say_what_was_missed() -> None:
    """since() returns what came after the cursor, with a gap for dropped text."""
    recorder = Recorder(limits=SMALL)
    recorder.write("stdout", "one ")
    news = recorder.since(Cursor())
    assert [o["text"] for o in news.outputs] == ["one "]
    recorder.write("stdout", "two")
    recorder.result({"text/plain": "3"})
    news = recorder.since(news.cursor)
    assert [o["output_type"] for o in news.outputs] == ["stream", "execute_result"]
    assert news.outputs[0]["text"] == "two"
    assert recorder.since(news.cursor).entries == []
    for n in range(40):
        recorder.write("stdout", "x" * 5000 + f"{n}\n")
    missed = recorder.since(news.cursor).entries
    assert missed[0].chars > 0
    assert str(missed[0]).startswith("[nbjobs: ")


def test_tail_and_last_line() -> None:
    """tail() counts lines as shown, over both streams or on one; last_line skips empty lines."""
    recorder = Recorder()
    assert (recorder.tail(3), recorder.last_line) == ("", "")
    recorder.write("stdout", "a\nb\n")
    recorder.write("stderr", "c\n")
    recorder.write("stdout", "10%\r 99%\rdone\n\n")
    assert recorder.tail(3) == "c\ndone\n\n"
    assert recorder.tail(2, stream="stderr") == "c\n"
    assert recorder.tail(0) == ""
    assert recorder.last_line == "done"


def test_new_output_is_announced_once_until_taken() -> None:
    """on_output is called by the first write, then not before the next take()."""
    calls: list[int] = []
    recorder = Recorder(lambda: calls.append(1))
    recorder.write("stdout", "a")
    recorder.display({"text/plain": "b"})
    assert len(calls) == 1
    recorder.take()
    assert len(calls) == 1
    recorder.clear()
    recorder.write("stdout", "c")
    assert len(calls) == 2


def test_it_can_be_read_from_within_the_announcement() -> None:
    """on_output runs under no lock: it may read, and write."""
    seen: list[str] = []

    def on_output() -> None:
        recorder.write("stderr", "from inside")
        seen.append(recorder.text("stdout") + recorder.text("stderr"))

    recorder = Recorder(on_output)
    recorder.write("stdout", "x")
    assert seen == ["xfrom inside"]


def test_a_failing_listener_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """An error in on_output does not reach the code that prints."""
    recorder = Recorder(lambda: 1 / 0)
    with caplog.at_level(logging.ERROR):
        assert recorder.write("stdout", "x") == 1
    assert "ZeroDivisionError" in caplog.text
    assert recorder.text("stdout") == "x"


def test_writers_do_not_wait_for_a_reader() -> None:
    """While the lock is held, by this very thread as in a `__del__`, writing goes on."""
    recorder = Recorder()
    with recorder._lock:
        for _ in range(1000):
            recorder.write("stdout", "x")
        recorder.write("stdout", "y" * 10_000)
    assert recorder.total == 11_000


def test_many_threads_write_and_one_reads() -> None:
    """Eight threads write while a ninth reads: each one's text arrives whole and in order."""
    recorder = Recorder(limits=Limits(head=10**7))
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            _ = recorder.outputs, recorder.window(100, 1), recorder.tail(3)

    def write(letter: str) -> None:
        for n in range(2000):
            recorder.write("stdout", f"{letter}{n}\n")

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(letter,)) for letter in "abcdefgh"]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    reader.join()
    lines = recorder.text("stdout").splitlines()
    for letter in "abcdefgh":
        assert [x for x in lines if x[0] == letter] == [f"{letter}{n}" for n in range(2000)]


def test_only_text_is_taken() -> None:
    """Bytes are refused; lone surrogates are kept, and published escaped."""
    recorder = Recorder()
    with pytest.raises(TypeError, match="must be str, not bytes"):
        recorder.write("stdout", b"bytes")  # type: ignore[arg-type]  # what is tested
    recorder.write("stdout", "a\udc80")
    assert recorder.text("stdout") == "a\udc80"
    assert recorder.outputs[0]["text"] == "a\\udc80"


def test_what_is_displayed_is_copied() -> None:
    """Later changes to the bundle do not reach the record; bytes and odd objects become text."""
    recorder = Recorder()
    data = {"application/json": {"list": [1]}, "image/png": b"png", "x/y": {1, 2}.__class__}
    recorder.display(data, {"meta": {"size": 1}})
    data["application/json"]["list"].append(2)
    shown = recorder.outputs[0]["data"]
    assert shown["application/json"] == {"list": [1]}
    assert shown["image/png"] == "cG5n"
    assert shown["x/y"] == "<class 'set'>"
