"""What the code of a job starts belongs to the job, and nothing else does."""

from __future__ import annotations

import gc
import os
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from typing import Any

import pytest

from nbjobs import inheritance
from nbjobs.context import current
from nbjobs.threads import ServiceThread

LIMIT = 10

other: ContextVar[str] = ContextVar("other", default="unset")


class Owner:
    """Stands for a job: hashable, and weakly held."""


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    """Install for each test, and see that nothing is left afterwards."""
    start, submit = threading.Thread.start, ThreadPoolExecutor.submit
    inheritance.install()
    yield
    inheritance.uninstall()
    assert threading.Thread.start is start
    assert ThreadPoolExecutor.submit is submit


def as_job(owner: Owner, call: Any) -> Any:
    """Run `call` as code of `owner`, in a context that the test does not see."""

    def run() -> Any:
        current.set(owner)
        other.set("leaked")
        return call()

    return copy_context().run(run)


def started(target: Any, make: Any = threading.Thread) -> threading.Thread:
    """Make, start and return a thread."""
    thread: threading.Thread = make(target=target)
    thread.start()
    return thread


def test_a_thread_gets_the_job_and_nothing_else() -> None:
    """A thread started by a job sees the job, but no other variable of the starter."""
    owner, seen = Owner(), []
    as_job(owner, lambda: started(lambda: seen.append((current.get(), other.get())))).join(LIMIT)
    assert seen == [(owner, "unset")]


def test_a_thread_of_main_gets_no_job() -> None:
    """Outside a job nothing is handed on."""
    seen: list[Any] = []
    started(lambda: seen.append(current.get())).join(LIMIT)
    assert seen == [None]


def test_a_thread_of_a_thread_gets_the_job() -> None:
    """Descent is transitive, and `threads_of` lists all generations while they live."""
    owner, go, seen = Owner(), threading.Event(), []
    inner: list[threading.Thread] = []
    ready = threading.Event()

    def grandchild() -> None:
        seen.append(current.get())
        ready.set()
        go.wait(LIMIT)

    outer = as_job(owner, lambda: started(lambda: inner.append(started(grandchild))))
    outer.join(LIMIT)
    assert ready.wait(LIMIT)
    assert seen == [owner]
    assert inheritance.threads_of(owner) == inner
    go.set()
    inner[0].join(LIMIT)
    assert inheritance.threads_of(owner) == []


def test_a_timer_gets_the_job() -> None:
    """A `threading.Timer` is a thread whose class has a `run` of its own."""
    owner, seen, done = Owner(), [], threading.Event()

    def tick() -> None:
        seen.append(current.get())
        done.set()

    as_job(owner, threading.Timer(0.001, tick).start)
    assert done.wait(LIMIT)
    assert seen == [owner]


def test_a_subclass_keeps_its_own_run() -> None:
    """The body that runs is the subclass's, once, and the instance is left as it was."""
    owner, seen = Owner(), []

    class Mine(threading.Thread):
        def run(self) -> None:
            seen.append((current.get(), "run" in vars(self)))

    thread = Mine()
    as_job(owner, thread.start)
    thread.join(LIMIT)
    assert seen == [(owner, False)]


def test_a_run_on_the_instance_is_restored() -> None:
    """A `run` that the user put on the instance is run, and still there afterwards."""
    owner, seen = Owner(), []
    thread = threading.Thread()

    def body() -> None:
        seen.append(current.get())

    thread.run = body  # type: ignore[method-assign]
    as_job(owner, thread.start)
    thread.join(LIMIT)
    assert seen == [owner]
    assert thread.run is body


def test_a_service_thread_belongs_to_nobody() -> None:
    """A thread of nbjobs' own has no job, whoever starts it."""
    owner, seen = Owner(), []
    thread = ServiceThread(lambda: seen.append(current.get()), "service")
    as_job(owner, thread.start)
    thread.join(LIMIT)
    assert seen == [None]
    assert inheritance.threads_of(owner) == []


def test_starting_twice_still_raises() -> None:
    """The error of a second start is threading's own, and changes nothing."""
    owner = Owner()
    thread = as_job(owner, lambda: started(lambda: None))
    thread.join(LIMIT)
    with pytest.raises(RuntimeError, match="only be started once"):
        as_job(owner, thread.start)
    assert "run" not in vars(thread)


def test_a_thread_that_cannot_start_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the system refuses a thread, it counts as nobody's."""
    owner = Owner()
    thread = threading.Thread()
    monkeypatch.setattr(thread, "_started", None)
    with pytest.raises((AttributeError, TypeError)):
        as_job(owner, thread.start)
    assert "run" not in vars(thread)
    assert inheritance.threads_of(owner) == []


def test_a_pool_of_a_job_can_be_used_by_main() -> None:
    """Each call belongs to its submitter; the pool's thread belongs to nobody in between."""
    owner = Owner()
    with as_job(owner, lambda: ThreadPoolExecutor(1)) as pool:
        assert as_job(owner, lambda: pool.submit(current.get)).result(LIMIT) is owner
        assert pool.submit(current.get).result(LIMIT) is None
        assert as_job(owner, lambda: pool.submit(other.get)).result(LIMIT) == "unset"
        assert inheritance.threads_of(owner) == []


def test_a_pool_of_main_can_be_used_by_jobs() -> None:
    """Two jobs that share a pool each see themselves, whoever made the pool's thread start."""
    first, second = Owner(), Owner()
    with ThreadPoolExecutor(1) as pool:
        for owner in (first, second, first):
            assert as_job(owner, lambda: pool.submit(current.get)).result(LIMIT) is owner
        assert inheritance.threads_of(first) == inheritance.threads_of(second) == []


def test_arguments_and_errors_of_a_submitted_call_are_untouched() -> None:
    """The wrapped call gets its arguments and raises its own error."""
    owner = Owner()

    def divide(a: int, *, by: int) -> float:
        return a / by

    with ThreadPoolExecutor(1) as pool:
        assert as_job(owner, lambda: pool.submit(divide, 6, by=3)).result(LIMIT) == 2
        with pytest.raises(ZeroDivisionError):
            as_job(owner, lambda: pool.submit(divide, 6, by=0)).result(LIMIT)


def test_calls_of_a_barred_job_are_cancelled() -> None:
    """What a barred job has in the queue does not begin; others' calls and its later ones do."""
    owner, neighbour, gate, ran = Owner(), Owner(), threading.Event(), []
    with ThreadPoolExecutor(1) as pool:
        pool.submit(gate.wait, LIMIT)
        barred = as_job(owner, lambda: pool.submit(ran.append, "owner"))
        kept = as_job(neighbour, lambda: pool.submit(ran.append, "neighbour"))
        inheritance.bar(owner)
        gate.set()
        with pytest.raises(CancelledError, match="killed"):
            barred.result(LIMIT)
        kept.result(LIMIT)
        as_job(owner, lambda: pool.submit(ran.append, "cleanup")).result(LIMIT)
    assert ran == ["neighbour", "cleanup"]


# The child does nothing but write and leave, so other threads' locks are no concern to it.
@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
def test_a_forked_child_belongs_to_no_job() -> None:
    """A process forked by a job's code is not the job's any more."""
    owner = Owner()
    reader, writer = os.pipe()

    def fork() -> int:
        pid = os.fork()
        if pid == 0:
            os.write(writer, b"none" if current.get() is None else b"some")
            os._exit(0)
        return pid

    try:
        pid = as_job(owner, fork)
        os.waitpid(pid, 0)
        assert os.read(reader, 10) == b"none"
    finally:
        os.close(reader)
        os.close(writer)


def test_jobs_and_threads_are_held_weakly() -> None:
    """Once a job and its threads are gone, nothing here keeps them."""
    owner = Owner()
    thread = as_job(owner, lambda: started(lambda: None))
    thread.join(LIMIT)
    gone = weakref.ref(owner), weakref.ref(thread)
    del owner, thread
    gc.collect()
    assert [ref() for ref in gone] == [None, None]


def test_uninstalling_under_someone_elses_wrapper_passes_calls_through() -> None:
    """If our wrapper was wrapped, it stays, hands on no more, and comes back to life."""
    ours = threading.Thread.start
    calls: list[threading.Thread] = []

    def theirs(self: threading.Thread) -> None:
        calls.append(self)
        ours(self)

    owner, seen = Owner(), []

    def look() -> None:
        as_job(owner, lambda: started(lambda: seen.append(current.get()))).join(LIMIT)

    threading.Thread.start = theirs  # type: ignore[method-assign]
    try:
        inheritance.uninstall()
        assert threading.Thread.start is theirs
        look()
        inheritance.install()
        look()
    finally:
        threading.Thread.start = ours  # type: ignore[method-assign]
    assert seen == [None, owner]
    assert len(calls) == 2


def test_installing_is_counted() -> None:
    """Two installs need two uninstalls, and more than that do no harm."""
    ours = threading.Thread.start
    inheritance.install()
    inheritance.uninstall()
    assert threading.Thread.start is ours
