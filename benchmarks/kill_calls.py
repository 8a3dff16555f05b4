"""What is killed in `kill.py`: calls that block, and servers that leave them waiting."""

from __future__ import annotations

import asyncio
import os
import queue
import select
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from typing import Any

import httpx
import requests
import trio
from IPython.utils.process import system

LONG = 60

_MAKE_CERTIFICATE = [
    *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
    *("-days", "1", "-subj", "/CN=localhost"),
]

#: A call, and the word that `blocked_in` has when it is blocked; empty if it is always busy.
Row = tuple[Callable[[], Any], str]


class Silent(BaseHTTPRequestHandler):
    """Takes a request and does not answer it."""

    def do_GET(self) -> None:
        """Hang until the client has gone."""
        self.connection.settimeout(LONG)
        self.rfile.read(1)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class Peers:
    """Servers on this machine that leave everybody waiting."""

    def __init__(self) -> None:
        self.web = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
        self.web.daemon_threads = True
        threading.Thread(target=self.web.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.web.server_address[1]}/"
        self.mute = socket.create_server(("127.0.0.1", 0), backlog=1000)
        self.address = self.mute.getsockname()
        self.tls, self.context = self._tls()
        listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.full = listener.getsockname()
        self._waiting = [listener, *(self._begin_to_connect() for _ in range(3))]

    def _begin_to_connect(self) -> socket.socket:
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex(self.full)
        return connection

    def _tls(self) -> tuple[tuple[str, int], ssl.SSLContext]:
        with tempfile.TemporaryDirectory() as folder:
            key, cert = f"{folder}/key.pem", f"{folder}/cert.pem"
            subprocess.run(
                [*_MAKE_CERTIFICATE, "-keyout", key, "-out", cert],
                check=True,
                capture_output=True,
            )
            server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.load_cert_chain(cert, key)
        listener = socket.create_server(("127.0.0.1", 0), backlog=1000)
        kept: deque[socket.socket] = deque(maxlen=1)

        def serve() -> None:
            while True:
                connection, _ = listener.accept()
                # A client that is killed in its handshake says goodbye in the middle of it.
                with suppress(OSError):
                    kept.append(server.wrap_socket(connection, server_side=True))

        threading.Thread(target=serve, daemon=True).start()
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE
        return listener.getsockname(), client


def connect(peers: Peers) -> None:
    """Connect to someone whose queue is full."""
    with socket.socket() as connection:
        connection.connect(peers.full)


def select_own() -> None:
    """Wait for one of the job's own sockets."""
    left, right = socket.socketpair()
    with left, right:
        select.select([left], [], [], LONG)


def busy() -> None:
    """Compute for ever."""
    number = 0
    while True:
        number += 1


def receive(peers: Peers, timeout: float | None) -> None:
    """Read from someone who says nothing."""
    with socket.create_connection(peers.address) as connection:
        connection.settimeout(timeout)
        connection.recv(1)


def accept() -> None:
    """Wait for someone who does not come."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.accept()


def receive_tls(peers: Peers) -> None:
    """Read from a silent peer through TLS."""
    with (
        socket.create_connection(peers.tls) as plain,
        peers.context.wrap_socket(plain) as secure,
    ):
        secure.recv(1)


def fetch_with_requests(url: str) -> None:
    """Fetch a page that does not come."""
    requests.get(url, timeout=LONG)


def fetch_with_httpx(url: str) -> None:
    """Fetch a page that does not come."""
    httpx.get(url, timeout=LONG)


def shell_command() -> None:
    """Run what `!sleep 60` runs."""
    system(f"sleep {LONG}")


def run_trio() -> None:
    """Sleep in trio."""
    trio.run(trio.sleep, LONG)


async def nap() -> None:
    """Sleep in asyncio."""
    await asyncio.sleep(LONG)


def pool() -> None:
    """Wait in a pool's `with` block that has 400 calls queued."""
    with ThreadPoolExecutor(4) as executor:
        for future in [executor.submit(time.sleep, 1) for _ in range(400)]:
            future.result()


def run_uvloop() -> None:
    """Sleep in uvloop."""
    import uvloop

    uvloop.run(nap())


def swallow_exceptions() -> None:
    """Survive every ordinary error."""
    while True:
        try:
            time.sleep(0.001)
        except Exception:
            continue


def swallow_ten() -> None:
    """Swallow ten kills."""
    left = 10
    while True:
        try:
            while True:
                time.sleep(0.001)
        except BaseException:
            left -= 1
            if not left:
                raise


def swallow_all() -> None:
    """Swallow every kill there is."""
    while True:
        try:
            time.sleep(LONG)
        except BaseException:
            time.sleep(0.001)


def query() -> None:
    """Run a query without end."""
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "with recursive n(x) as (select 1 union all select x + 1 from n) select sum(x) from n"
    )


def cases(peers: Peers, bystander: threading.Thread) -> dict[str, Row]:
    """Everything that is woken, by the name of its row."""
    found: dict[str, Row] = {
        "busy loop": (busy, ""),
        "time.sleep": (lambda: time.sleep(LONG), "acquire"),
        "Event.wait()": (lambda: threading.Event().wait(), "acquire"),
        "Event.wait(60)": (lambda: threading.Event().wait(LONG), "acquire"),
        "Queue.get": (lambda: queue.Queue[int]().get(), "acquire"),
        "Future.result": (lambda: Future[int]().result(), "acquire"),
        "Semaphore.acquire": (lambda: threading.Semaphore(0).acquire(), "acquire"),
        "Barrier.wait": (lambda: threading.Barrier(2).wait(), "acquire"),
        "Thread.join": (bystander.join, "[futex]"),
        "recv, no timeout": (lambda: receive(peers, None), "recv"),
        "recv, timeout": (lambda: receive(peers, LONG), "recv"),
        "accept": (accept, "accept"),
        "connect": (lambda: connect(peers), "connect"),
        "TLS recv": (lambda: receive_tls(peers), "[read]"),
        "urlopen": (lambda: urllib.request.urlopen(peers.url).read(), "recv"),
        "requests.get": (lambda: fetch_with_requests(peers.url), "recv"),
        "httpx.get": (lambda: fetch_with_httpx(peers.url), "recv"),
        "subprocess.run": (lambda: subprocess.run(["sleep", str(LONG)]), "waitpid"),
        "shell pipeline, captured": (
            lambda: subprocess.run(f"sleep {LONG} | cat", shell=True, capture_output=True),
            "poll",
        ),
        "os.system": (lambda: os.system(f"sleep {LONG}"), "system"),
        "!sleep 60": (shell_command, "select"),
        "asyncio.run": (lambda: asyncio.run(nap()), "[epoll_"),
        "trio.run": (run_trio, "[epoll_"),
        "epoll": (lambda: select.epoll().poll(LONG), "[epoll_"),
        "select, own sockets": (select_own, "select"),
        "sqlite3 query": (query, "execute"),
        "pool with 400 queued": (pool, "acquire"),
        "except Exception loop": (swallow_exceptions, ""),
        "except BaseException x10": (swallow_ten, ""),
    }
    if sys.version_info >= (3, 12):
        found["except BaseException, all"] = (swallow_all, "acquire")
    if find_spec("uvloop") is not None:
        found["uvloop.run"] = (run_uvloop, "[epoll_")
    return found
