"""A kill touches nothing that main or another job owns."""

from __future__ import annotations

import http.client
import http.server
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from nbjobs import killing
from nbjobs.context import current
from nbjobs.killing import family

from .victim import LIMIT, Victim, until

LONG = 60


def test_a_socket_of_main_is_left_alone() -> None:
    """A job blocked on it hangs, says where, and ends when the call returns."""
    left, right = socket.socketpair()
    with left, right:
        victim = Victim(lambda: _read_for_ever(left))
        victim.blocked("recv")
        killing.kill(victim.gate)
        victim.thread.join(0.3)
        assert victim.thread.is_alive()
        assert "recv() [recvfrom] called at test_ownership.py" in (
            killing.blocked_in(victim.gate) or ""
        )
        right.sendall(b"x")
        victim.killed()
        right.sendall(b"y")
        assert left.recv(1) == b"y"


def _read_for_ever(connection: socket.socket) -> None:
    while True:
        connection.recv(1)


def test_a_listener_that_two_jobs_share_survives() -> None:
    """Neither the one that is killed nor its listener takes the other with it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        first, second = (Victim(lambda: server.accept()[0].close()) for _ in range(2))
        first.blocked("accept")
        second.blocked("accept")
        killing.kill(first.gate)
        first.thread.join(0.2)
        for _ in range(2):
            socket.create_connection(server.getsockname()).close()
        first.ended()
        assert second.ended().error is None


def test_a_child_of_main_survives() -> None:
    """Killing a job that has a child of its own leaves main's child alone."""
    with subprocess.Popen(["sleep", str(LONG)]) as process:
        victim = Victim(lambda: subprocess.run(["sleep", str(LONG)]))
        victim.blocked("waitpid")
        victim.kill()
        assert process.poll() is None
        process.kill()


def test_a_child_of_an_earlier_call_on_the_thread_survives() -> None:
    """Threads are used again: what an earlier job has left running is not the next one's."""
    children: list[subprocess.Popen[bytes]] = []
    second = killing.Gate()
    ready = threading.Event()

    def work() -> None:
        killing.Gate().run(lambda: children.append(subprocess.Popen(["sleep", str(LONG)])))
        time.sleep(0.05)
        second.run(lambda: (ready.set(), subprocess.run(["sleep", str(LONG)])))

    thread = threading.Thread(target=work)
    thread.start()
    assert ready.wait(LIMIT)
    until(lambda: "waitpid" in (killing.blocked_in(second) or ""))
    killing.kill(second)
    thread.join(LIMIT)
    assert not thread.is_alive()
    with children[0] as process:
        assert process.poll() is None
        process.kill()


def test_a_child_of_the_next_call_on_the_thread_survives() -> None:
    """What the thread starts in its next call, in the same moment, is not the killed one's."""
    for _ in range(10):
        children: list[subprocess.Popen[bytes]] = []
        first, second = killing.Gate(), killing.Gate()
        begun, ready, go = threading.Event(), threading.Event(), threading.Event()

        def work(
            children: list[subprocess.Popen[bytes]] = children,
            first: killing.Gate = first,
            second: killing.Gate = second,
            begun: threading.Event = begun,
            ready: threading.Event = ready,
            go: threading.Event = go,
        ) -> None:
            first.run(lambda: (begun.set(), threading.Event().wait()))
            second.run(lambda: children.append(subprocess.Popen(["sleep", str(LONG)])))
            ready.set()
            go.wait(LIMIT)

        thread = threading.Thread(target=work)
        thread.start()
        assert begun.wait(LIMIT)
        killing.kill(first)
        assert ready.wait(LIMIT)
        assert family.children(first) == []
        until(lambda first=first: first.pursuit is None)  # type: ignore[misc]
        with children[0] as process:
            assert process.poll() is None
            process.kill()
        go.set()
        thread.join(LIMIT)


def test_a_child_that_a_call_leaves_is_its_own() -> None:
    """The same look finds what the killed call itself has left running."""
    children: list[subprocess.Popen[bytes]] = []

    def work() -> None:
        children.append(subprocess.Popen(["sleep", str(LONG)]))
        threading.Event().wait()

    victim = Victim(work)
    victim.blocked("acquire")
    assert [each.pid for each in family.children(victim.gate)] == [children[0].pid]
    victim.kill()
    assert children[0].wait(LIMIT) == -15


def test_a_pool_that_is_shared_keeps_the_calls_of_others() -> None:
    """A killed job's calls in main's pool end; main's calls and the pool's threads go on."""
    release = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        kept = pool.submit(release.wait, LIMIT)
        victim = Victim(lambda: next(pool.submit(time.sleep, LONG) for _ in range(10)).result())
        victim.blocked("acquire")
        queued = pool.submit(lambda: current.get() is None)
        victim.kill()
        assert queued.result(LIMIT)
        release.set()
        assert kept.result(LIMIT)


class _Mute(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/hang":
            self.connection.settimeout(LONG)
            self.rfile.read(1)
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args: Any) -> None:
        pass


def test_a_connection_pool_that_is_shared_serves_the_others() -> None:
    """A killed job breaks the exchange it was in; main's connections work on, with no new one."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Mute) as server:
        server.daemon_threads = True
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        mains = http.client.HTTPConnection(*server.server_address[:2])  # type: ignore[arg-type]
        jobs = http.client.HTTPConnection(*server.server_address[:2])  # type: ignore[arg-type]
        jobs.connect()
        assert _get(mains) == b"ok"
        before = mains.sock

        def fetch() -> None:
            jobs.request("GET", "/hang")
            jobs.getresponse()

        victim = Victim(fetch)
        victim.blocked("recv")
        victim.kill()
        assert _get(mains) == b"ok"
        assert mains.sock is before
        mains.close()
        jobs.close()
        server.shutdown()
        serving.join(LIMIT)


def _get(connection: http.client.HTTPConnection) -> bytes:
    connection.request("GET", "/")
    return connection.getresponse().read()
