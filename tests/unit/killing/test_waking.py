"""Each kind of blocked call is woken, and ends as killed."""

from __future__ import annotations

import asyncio
import os
import queue
import select
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
import trio
import uvloop

from nbjobs import killing

from .victim import LIMIT, Victim

LONG = 60


def _receive(timeout: float | None) -> None:
    left, right = socket.socketpair()
    with left, right:
        left.settimeout(timeout)
        left.recv(1)


def _send() -> None:
    left, right = socket.socketpair()
    with left, right:
        left.sendall(bytes(10_000_000))


def _accept() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.accept()


def _datagram() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.bind(("127.0.0.1", 0))
        plain.recvfrom(1)


def _select() -> None:
    left, right = socket.socketpair()
    with left, right:
        select.select([left], [], [], LONG)


def _lines() -> None:
    with subprocess.Popen(["sleep", str(LONG)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in process.stdout:
            pass


def _leave_popen() -> None:
    with subprocess.Popen(["sleep", str(LONG)]):
        pass


def _join() -> None:
    thread = threading.Thread(target=lambda: time.sleep(LONG))
    thread.start()
    thread.join()


def _pool() -> None:
    with ThreadPoolExecutor(2) as executor:
        for future in [executor.submit(time.sleep, LONG) for _ in range(100)]:
            future.result()


def _uvloop() -> None:
    uvloop.run(asyncio.sleep(LONG))


def _uvloop_by_hand() -> None:
    loop = uvloop.new_event_loop()
    try:
        loop.run_until_complete(asyncio.sleep(LONG))
    finally:
        loop.close()


def _connect() -> None:
    # Nobody accepts, and nobody more can wait in the queue.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as stack:
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        with socket.socket() as connection:
            connection.connect(server.getsockname())


async def _gather() -> None:
    await asyncio.gather(asyncio.sleep(LONG), asyncio.to_thread(time.sleep, LONG))


async def _subprocess() -> None:
    process = await asyncio.create_subprocess_exec("sleep", str(LONG))
    try:
        await process.wait()
    finally:
        # Else asyncio warns that it has been left running.
        process.kill()
        await process.wait()


def _query() -> None:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(
            "with recursive n(x) as (select 1 union all select x + 1 from n) select sum(x) from n"
        )
    finally:
        connection.close()


def _busy() -> None:
    while True:
        pass


EVERYWHERE: dict[str, tuple[Callable[[], Any], str]] = {
    "busy": (_busy, "running"),
    "sleep": (lambda: time.sleep(LONG), "acquire"),
    "event": (lambda: threading.Event().wait(), "acquire"),
    "event with timeout": (lambda: threading.Event().wait(LONG), "acquire"),
    "queue": (lambda: queue.Queue[int]().get(), "acquire"),
    "future": (lambda: Future[int]().result(), "acquire"),
    "semaphore": (lambda: threading.Semaphore(0).acquire(), "acquire"),
    "barrier": (lambda: threading.Barrier(2).wait(), "acquire"),
    "join": (_join, "join"),
    "pool": (_pool, "acquire"),
    "asyncio": (lambda: asyncio.run(asyncio.sleep(LONG)), "[epoll_"),
    "asyncio gather": (lambda: asyncio.run(_gather()), "[epoll_"),
    "trio": (lambda: trio.run(trio.sleep, LONG), "[epoll_"),
    "sqlite3": (_query, "execute"),
}
ON_LINUX: dict[str, tuple[Callable[[], Any], str]] = {
    "recv": (lambda: _receive(None), "recv"),
    "recv with timeout": (lambda: _receive(LONG), "recv"),
    "sendall": (_send, "sendall"),
    "accept": (_accept, "accept"),
    "datagram": (_datagram, "recvfrom"),
    "connect": (_connect, "connect() [connect]"),
    "uvloop": (_uvloop, "[epoll_"),
    "uvloop, run by hand": (_uvloop_by_hand, "[epoll_"),
    "select": (_select, "select()"),
    "epoll": (lambda: select.epoll().poll(LONG), "poll"),
    "subprocess": (lambda: subprocess.run(["sleep", str(LONG)]), "waitpid"),
    "subprocess with timeout": (
        lambda: subprocess.run(["sleep", str(LONG)], timeout=LONG),
        "acquire() [futex]",
    ),
    "pipeline": (
        lambda: subprocess.run(f"sleep {LONG} | cat", shell=True, capture_output=True),
        "poll",
    ),
    "lines of a child": (_lines, "_lines"),
    "leaving a child": (_leave_popen, "waitpid"),
    "os.system": (lambda: os.system(f"sleep {LONG}"), "system"),
    "asyncio subprocess": (lambda: asyncio.run(_subprocess()), "[epoll_"),
}


HERE = EVERYWHERE | (ON_LINUX if sys.platform.startswith("linux") else {})


@pytest.mark.parametrize("name", HERE)
def test_what_is_blocked_is_woken(name: str) -> None:
    """A call of this kind, killed while it is blocked, ends as killed."""
    call, word = HERE[name]
    for _ in range(3):
        victim = Victim(call)
        victim.blocked(word)
        victim.kill()


def test_coroutines_clean_up_at_leisure() -> None:
    """A cancelled coroutine's `finally` runs to its end, even one that takes its time."""
    steps: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(LONG)
        finally:
            steps.append("begun")
            await asyncio.sleep(0.6)
            steps.append("done")

    victim = Victim(lambda: asyncio.run(work()))
    victim.blocked("[epoll_")
    victim.kill()
    assert steps == ["begun", "done"]


def test_a_swallowed_kill_is_sent_again() -> None:
    """A loop that catches everything ten times does not survive the eleventh."""
    left = [10]

    def work() -> None:
        while True:
            try:
                while True:
                    threading.Event().wait(0.001)
            except BaseException:
                left[0] -= 1
                if left[0] < 0:
                    raise

    Victim(work).kill()
    assert left == [-1]


def test_a_slow_finally_is_whole() -> None:
    """Cleanup that takes much longer than the pauses between kills is not cut."""
    for call in (lambda: threading.Event().wait(), _busy):
        steps: list[int] = []

        def work(call: Any = call, steps: list[int] = steps) -> None:
            try:
                call()
            finally:
                for _ in range(20):
                    threading.Event().wait(0.01)
                    steps.append(1)

        victim = Victim(work)
        victim.blocked(" ")
        victim.kill()
        assert len(steps) == 20


def test_many_kills_go_on_side_by_side() -> None:
    """A hundred calls that each clean up for 200 ms end together, not one after another."""
    together = threading.Barrier(100)

    def work() -> None:
        try:
            threading.Event().wait()
        finally:
            # Passed only if all hundred are being killed at the same time.
            together.wait(LIMIT)

    victims = [Victim(work) for _ in range(100)]
    for victim in victims:
        victim.blocked("acquire", "in work")
    for victim in victims:
        killing.kill(victim.gate)
    for victim in victims:
        victim.killed()
