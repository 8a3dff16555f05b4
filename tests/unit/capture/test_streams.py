"""Streams that send job text to jobs, and all else where it belongs."""

from __future__ import annotations

import contextlib
import io
import sys
import threading
from collections.abc import Callable, Iterator
from contextvars import copy_context

import pytest

from nbjobs.capture import scoped
from nbjobs.capture.recorder import Recorder
from nbjobs.capture.streams import Proxy, proxied, route_class, routed, spare_flushes
from nbjobs.context import current
from nbjobs.patches import Patches


class Owner:
    """What a job is to the streams."""

    def __init__(self) -> None:
        self.recorder = Recorder()


class PythonStream(io.TextIOBase):
    """A stream written in Python, as ipykernel's is."""

    name = "stdout"

    def __init__(self) -> None:
        self.written: list[str] = []
        self.flushed = 0

    def write(self, text: str) -> int:
        self.written.append(text)
        return len(text)

    def flush(self) -> None:
        self.flushed += 1


def in_job(owner: Owner, call: Callable[[], object]) -> None:
    """Run `call` as code of the job."""

    def run() -> None:
        current.set(owner)
        call()

    copy_context().run(run)


def test_a_class_is_routed_and_restored() -> None:
    """Job text goes to the job, other text to the stream; then the stream is as before."""
    stream, owner = PythonStream(), Owner()
    bound = stream.write
    undo = route_class(stream, "stdout")
    assert isinstance(stream, PythonStream)
    assert routed(stream)
    in_job(owner, lambda: (print("job", file=stream), stream.flush(), stream.writelines("ab")))
    print("main", file=stream)
    stream.flush()
    bound("bound\n")
    undo()
    in_job(owner, lambda: print("after", file=stream))
    assert owner.recorder.text("stdout") == "job\nab"
    assert "".join(stream.written) == "main\nbound\nafter\n"
    assert stream.flushed == 1
    assert type(stream) is PythonStream
    assert "write" not in vars(stream)


def test_needless_flushes_are_spared() -> None:
    """Where it is known that there is nothing to flush, as on an engine at the end of a job."""
    stream = PythonStream()
    undo = route_class(stream, "stdout")
    needless = True
    spare_flushes(lambda: needless)
    try:
        stream.flush()
        assert stream.flushed == 0
        needless = False
        stream.flush()
        assert stream.flushed == 1
    finally:
        spare_flushes(bool)
        undo()


def test_a_replaced_write_serves_all_but_jobs() -> None:
    """What IPython puts in place of `write`, before or after, gets no job text and is kept."""
    stream, owner = PythonStream(), Owner()
    teed: list[str] = []
    own = stream.write

    def tee(text: str) -> int:
        teed.append(text)
        return own(text)

    stream.write = tee  # type: ignore[method-assign]
    undo = route_class(stream, "stdout")
    in_job(owner, lambda: stream.write("job"))
    stream.write("one")
    stream.write = own  # type: ignore[method-assign]
    stream.write("two")
    stream.write = tee  # type: ignore[method-assign]
    undo()
    stream.write("three")
    assert teed == ["one", "three"]
    assert owner.recorder.text("stdout") == "job"
    del stream.write
    assert stream.write == own


def test_a_proxy_passes_everything_on() -> None:
    """A proxy has the attributes of its stream, and is a text stream for those who ask."""
    target = io.TextIOWrapper(io.BytesIO(), encoding="latin-1", write_through=True)
    proxy = proxied(target, "stdout")
    assert isinstance(proxy, Proxy)
    assert isinstance(proxy, io.TextIOBase)
    assert proxied(proxy, "stdout") is proxy
    assert proxied(None, "stdout") is None
    assert (proxy.encoding, proxy.buffer, proxy.closed) == ("latin-1", target.buffer, False)
    owner = Owner()
    in_job(owner, lambda: print("job", file=proxy))
    print("main", file=proxy)
    assert target.buffer.getvalue() == b"main\n"
    assert owner.recorder.text("stdout") == "job\n"


def test_whole_lines_go_between_lines() -> None:
    """Lines are not written into the middle of another, unless they cannot wait any longer."""
    target = io.StringIO()
    proxy = Proxy(target, "stdout")
    assert proxy.nbjobs_write_lines("job\n", now=True) is False
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(sys, "stdout", proxy)
        _whole_lines(proxy)
    assert target.getvalue() == "half whole\njob\nhalf\njob\n"


def _whole_lines(proxy: Proxy) -> None:
    proxy.write("half")
    assert proxy.nbjobs_write_lines("job\n", now=False) is False
    proxy.write(" whole\n")
    assert proxy.nbjobs_write_lines("job\n", now=False) is True
    proxy.write("half")
    assert proxy.nbjobs_write_lines("job\n", now=True) is True


@contextlib.contextmanager
def scopes() -> Iterator[io.StringIO]:
    """Streams in place and redirections made aware of jobs; yields what main has printed."""
    out = io.StringIO()
    patches = Patches()
    # Not as fixtures: pytest puts its own streams there between a fixture and its test.
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(sys, "stdout", Proxy(out, "stdout"))
        monkeypatch.setattr(sys, "stderr", Proxy(out, "stderr"))
        scoped.install(patches)
        try:
            yield out
        finally:
            patches.undo()


def test_redirections_nest_in_a_job() -> None:
    """Redirections in a job nest, lead to each other, and end, as they do in a process."""
    owner = Owner()
    inner, outer = io.StringIO(), io.StringIO()

    def code() -> None:
        with contextlib.redirect_stdout(outer):
            print("outer")
            with contextlib.redirect_stdout(inner):
                print("inner")
            with contextlib.redirect_stdout(sys.stdout):
                print("outer again")
            with contextlib.redirect_stderr(sys.stdout):
                print("err", file=sys.stderr)
        print("job")

    with scopes() as out:
        in_job(owner, code)
    assert inner.getvalue() == "inner\n"
    assert outer.getvalue() == "outer\nouter again\nerr\n"
    assert owner.recorder.text("stdout") == "job\n"
    assert out.getvalue() == ""


def test_a_redirection_in_main_is_mains() -> None:
    """While main redirects, a job in another thread still prints into its own record."""
    owner = Owner()
    with scopes() as out:
        with contextlib.redirect_stdout(io.StringIO()) as text:
            thread = threading.Thread(target=in_job, args=(owner, lambda: print("job")))
            thread.start()
            thread.join()
            print("main")
            assert sys.stdout.getvalue() == "main\n"  # type: ignore[attr-defined]
        print("after")
    assert text.getvalue() == "main\n"
    assert owner.recorder.text("stdout") == "job\n"
    assert out.getvalue() == "after\n"
