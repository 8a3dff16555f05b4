"""Threads that began without a gate."""

from __future__ import annotations

import _thread
import threading
import time

import pytest

from nbjobs.exceptions import JobError
from nbjobs.killing import KillResult, kill_foreign_thread

from .victim import LIMIT, until

# Unlike threading's own, pytest's hook for errors in threads reports even SystemExit.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


def _spin() -> None:
    while True:
        pass


def test_a_busy_and_a_waiting_thread_end() -> None:
    """Both end, and run their `finally` blocks."""
    for call in (_spin, threading.Event().wait):
        ended = threading.Event()

        def work(call: object = call, ended: threading.Event = ended) -> None:
            try:
                call()  # type: ignore[operator]
            finally:
                ended.set()

        thread = threading.Thread(target=work)
        thread.start()
        assert kill_foreign_thread(thread, grace=LIMIT) is KillResult.KILLED
        assert ended.is_set()


def test_a_thread_that_hangs_is_pending() -> None:
    """Without a way to reach it, the answer is PENDING, and the thread ends when it can."""
    lock, free = _thread.allocate_lock(), threading.Event()
    lock.acquire()

    def work() -> None:
        free.set()
        with lock:
            pass
        _spin()

    thread = threading.Thread(target=work)
    thread.start()
    assert free.wait(LIMIT)
    assert kill_foreign_thread(thread, grace=0.05) is KillResult.PENDING
    lock.release()
    thread.join(LIMIT)
    assert not thread.is_alive()
    assert not lock.locked()


def test_a_thread_may_kill_itself() -> None:
    """It answers PENDING and ends soon after."""
    answers: list[KillResult] = []

    def work() -> None:
        answers.append(kill_foreign_thread(threading.current_thread()))
        _spin()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(LIMIT)
    assert not thread.is_alive()
    assert answers == [KillResult.PENDING]


def test_what_cannot_be_killed_is_refused() -> None:
    """The error says what is wrong with it."""
    with pytest.raises(TypeError, match="not int"):
        kill_foreign_thread(3)  # type: ignore[arg-type]
    with pytest.raises(JobError, match="main thread"):
        kill_foreign_thread(threading.main_thread())
    thread = threading.Thread(target=time.time)
    with pytest.raises(JobError, match="not been started"):
        kill_foreign_thread(thread)
    thread.start()
    thread.join()
    with pytest.raises(JobError, match="ended"):
        kill_foreign_thread(thread)


def test_a_thread_of_nobodys_is_refused() -> None:
    """One that threading did not start cannot be killed safely."""
    seen: list[threading.Thread] = []
    go = threading.Lock()
    go.acquire()
    _thread.start_new_thread(lambda: (seen.append(threading.current_thread()), go.acquire()), ())
    until(lambda: bool(seen))
    with pytest.raises(JobError, match="not started through threading"):
        kill_foreign_thread(seen[0])
    go.release()
    until(lambda: go.locked())
    # threading itself never forgets such a thread, and cannot wait for it.
    threading._active.pop(seen[0].ident, None)  # type: ignore[attr-defined]
