"""A kill that wakes a blocked call cuts no cleanup, whatever the woken call does."""

from __future__ import annotations

import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from nbjobs.killing.codes import read

from .victim import Victim

LONG = 60
KILLS = 12


def _accept(made: list[Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        made.append(server)
        server.accept()


def _accept_with_timeout(made: list[Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        made.append(server)
        server.settimeout(LONG)
        server.accept()


def _receive(made: list[Any]) -> None:
    left, right = socket.socketpair()
    with left, right:
        made += [left, right]
        left.recv(1)


def _send(made: list[Any]) -> None:
    left, right = socket.socketpair()
    with left, right:
        made += [left, right]
        left.sendall(bytes(10_000_000))


def _datagram(made: list[Any]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        made.append(plain)
        plain.bind(("127.0.0.1", 0))
        plain.recvfrom(1)


def _handshake(made: list[Any]) -> None:
    left, right = socket.socketpair()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with left, right:
        made.append(right)
        context.wrap_socket(left, server_hostname="localhost")


def _lines(made: list[Any]) -> None:
    with subprocess.Popen(["sleep", str(LONG)], stdout=subprocess.PIPE) as process:
        made.append(process.stdout)
        assert process.stdout is not None
        for _ in process.stdout:
            pass


BLOCKED: dict[str, tuple[Callable[[list[Any]], None], str]] = {
    "accept": (_accept, "accept()"),
    "accept with timeout": (_accept_with_timeout, "accept()"),
    "receive": (_receive, "recv()"),
    "send": (_send, "sendall()"),
    "datagram": (_datagram, "recvfrom()"),
    "handshake": (_handshake, "do_handshake()"),
    "lines": (_lines, "in _lines"),
}


def _closed(each: Any) -> bool:
    return bool(each.closed if hasattr(each, "closed") else each.fileno() == -1)


@pytest.mark.parametrize("name", BLOCKED if sys.platform.startswith("linux") else [])
def test_what_a_with_block_holds_is_closed(name: str) -> None:
    """Sockets and pipes are closed by their `with`, and a slow `finally` around it is whole."""
    call, word = BLOCKED[name]
    for _ in range(KILLS):
        made: list[Any] = []
        steps: list[int] = []

        def work(made: list[Any] = made, steps: list[int] = steps) -> None:
            try:
                call(made)
            finally:
                for _ in range(3):
                    time.sleep(0.005)
                    threading.Event().wait(0.001)
                    steps.append(1)

        victim = Victim(work)
        victim.blocked(word)
        victim.kill()
        assert made
        assert all(_closed(each) for each in made)
        # A loop over lines just ends, and the kill may come when its `finally` runs as ever.
        assert len(steps) == 3 or name == "lines"


def test_a_cut_query_is_cleaned_up_after() -> None:
    """The `finally` around an interrupted query closes the connection."""
    for _ in range(KILLS):
        closed: list[bool] = []

        def work(closed: list[bool] = closed) -> None:
            connection = sqlite3.connect(":memory:", check_same_thread=False)
            try:
                connection.execute(
                    "with recursive n(x) as (select 1 union all select x + 1 from n)"
                    " select sum(x) from n"
                )
            finally:
                connection.close()
                closed.append(True)

        victim = Victim(work)
        victim.blocked("execute()")
        victim.kill()
        assert closed == [True]


def test_an_error_of_the_wake_that_is_caught_does_not_save_the_job() -> None:
    """A loop that takes the broken socket for bad luck, and tries again, ends all the same."""

    def work() -> None:
        while True:
            try:
                with socket.create_server(("127.0.0.1", 0)) as server:
                    server.accept()
            except OSError:
                time.sleep(LONG)

    for _ in range(KILLS):
        victim = Victim(work)
        victim.blocked("accept()")
        victim.kill()


def _handlers(do: Callable[[str], None]) -> None:
    try:
        try:
            with socket.socket():
                do("body")
        except KeyError as error:
            do("clause")
            raise LookupError from error
        except ValueError:
            do("second clause")
            try:
                do("try in a clause")
            finally:
                do("finally in a clause")
    finally:
        do("finally")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, {"body": False, "finally": False}),
        (KeyError, {"body": False, "clause": False, "finally": True}),
        (OSError, {"body": False, "finally": True}),
        (
            ValueError,
            {
                "body": False,
                "second clause": False,
                "try in a clause": False,
                "finally in a clause": False,
                "finally": False,
            },
        ),
    ],
)
def test_cleanup_is_told_from_an_except_clause(
    error: type[Exception] | None, expected: dict[str, bool]
) -> None:
    """Read off the code: a `finally` that an error has brought about, and nothing else."""
    seen: dict[str, bool] = {}

    def do(place: str) -> None:
        frame = sys._getframe(1)
        seen[place] = read(frame.f_code).cleans_up(frame.f_lasti)
        if place == "body" and error is not None:
            raise error

    try:
        _handlers(do)
    except (LookupError, OSError):
        assert error in (KeyError, OSError)
    assert seen == expected
