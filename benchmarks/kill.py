"""How long a kill takes: from asking for it to the end of the thread's call.

Prints one line for each kind of blocked or busy code: the median and the maximum of a number of
kills in milliseconds, and how the call ended. Names of rows as arguments choose some of them;
`--count N` sets the number of kills.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import queue
import select
import socket
import sqlite3
import ssl
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import requests
import trio
from IPython.utils.process import system

from nbjobs import killing
from nbjobs.context import current

LONG = 60
WARM_UP = 0.06
LIMIT = 3.0

_MAKE_CERTIFICATE = [
    *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
    *("-days", "1", "-subj", "/CN=localhost"),
]

really_sleep = time.sleep


class Owner:
    """Stands for a job."""


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
        kept: list[socket.socket] = []

        def serve() -> None:
            while True:
                connection, _ = listener.accept()
                kept.append(server.wrap_socket(connection, server_side=True))

        threading.Thread(target=serve, daemon=True).start()
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE
        return listener.getsockname(), client


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


def query() -> None:
    """Run a query without end."""
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "with recursive n(x) as (select 1 union all select x + 1 from n) select sum(x) from n"
    )


def cases(peers: Peers, bystander: threading.Thread) -> dict[str, Callable[[], Any]]:
    """Everything that is measured, by the name of its row."""
    held = threading.Lock()
    held.acquire()
    return {
        "busy loop": busy,
        "time.sleep": lambda: time.sleep(LONG),
        "Event.wait()": lambda: threading.Event().wait(),
        "Event.wait(60)": lambda: threading.Event().wait(LONG),
        "Queue.get": lambda: queue.Queue[int]().get(),
        "Future.result": lambda: Future[int]().result(),
        "Semaphore.acquire": lambda: threading.Semaphore(0).acquire(),
        "Thread.join": bystander.join,
        "recv, no timeout": lambda: receive(peers, None),
        "recv, timeout": lambda: receive(peers, LONG),
        "accept": accept,
        "TLS recv": lambda: receive_tls(peers),
        "urlopen": lambda: urllib.request.urlopen(peers.url).read(),
        "requests.get": lambda: fetch_with_requests(peers.url),
        "httpx.get": lambda: fetch_with_httpx(peers.url),
        "subprocess.run": lambda: subprocess.run(["sleep", str(LONG)]),
        "shell pipeline, captured": lambda: subprocess.run(
            f"sleep {LONG} | cat", shell=True, capture_output=True
        ),
        "os.system": lambda: os.system(f"sleep {LONG}"),
        "!sleep 60": shell_command,
        "asyncio.run": lambda: asyncio.run(nap()),
        "trio.run": run_trio,
        "epoll": lambda: select.epoll().poll(LONG),
        "sqlite3 query": query,
        "pool with 400 queued": pool,
        "except Exception loop": swallow_exceptions,
        "except BaseException x10": swallow_ten,
        "Lock.acquire": held.acquire,
        "SimpleQueue.get": lambda: queue.SimpleQueue[int]().get(),
        "select": lambda: select.select([], [], [], LONG),
        "sum(range(10**9))": lambda: sum(range(10**9)),
    }


def measure(call: Callable[[], Any]) -> tuple[float, float, str]:
    """Kill `call` once.

    Returns:
        Seconds to its end (infinite if it goes on), seconds to the return of `kill`, and how.
    """
    gate = killing.Gate(Owner())
    ended: list[float] = []
    outcomes: list[killing.Outcome[Any]] = []

    def body() -> None:
        current.set(gate.owner)
        outcome = gate.run(call)
        ended.append(time.perf_counter())
        outcomes.append(outcome)

    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    really_sleep(WARM_UP)
    asked = time.perf_counter()
    killing.kill(gate)
    answered = time.perf_counter()
    thread.join(LIMIT)
    if thread.is_alive():
        return float("inf"), answered - asked, f"KILLING: {killing.blocked_in(gate)}"
    if ended[0] < asked:
        return 0.0, answered - asked, "by itself: it holds the interpreter lock, so nobody can ask"
    how = "killed" if gate.was_killed(outcomes[0]) else f"NOT KILLED: {outcomes[0]}"
    return ended[0] - asked, answered - asked, how


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", help="names of rows; all if none is given")
    parser.add_argument("--count", type=int, default=20)
    options = parser.parse_args()
    bystander = threading.Thread(target=really_sleep, args=(10 * LONG,), daemon=True)
    bystander.start()
    peers = Peers()
    killing.install()
    print(f"Python {platform.python_version()}: kill to the end of the call, ms")
    print(f"{'blocked in':26}{'median':>9}{'max':>9}{'kill()':>9}  ends as")
    for name, call in cases(peers, bystander).items():
        if options.rows and name not in options.rows:
            continue
        results = []
        for _ in range(options.count):
            results.append(measure(call))
            if results[-1][0] == float("inf"):
                break
        times = [1000 * result[0] for result in results]
        asked = max(1000 * result[1] for result in results)
        how = ", ".join(sorted({result[2] for result in results}))
        print(
            f"{name:26}{statistics.median(times):9.2f}{max(times):9.2f}{asked:9.2f}  {how}",
            flush=True,
        )
    killing.uninstall()
    # Some rows cannot be ended; the interpreter would wait for their threads.
    os._exit(0)


if __name__ == "__main__":
    main()
