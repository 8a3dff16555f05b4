"""The way into a kernel: for its own user, who knows what it calls itself."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbjobs import JobError, JobManager, JobNotFound
from nbjobs.control import server
from nbjobs.control.client import Unreachable, ask
from nbjobs.control.requests import answer
from nbjobs.control.server import Door
from waiting import begun

LIMIT = 10.0


@pytest.fixture
def door(jobs: JobManager, short_path: Path) -> Iterator[Door]:
    """The door of a manager."""
    made = Door(short_path / "run", "secret", lambda request: answer(jobs, request))
    yield made
    made.close()


def test_kill(door: Door, jobs: JobManager, blocker) -> None:
    """A job that is named by its number is killed, and the answer says what became of it."""
    job = jobs.submit(blocker.wait)
    begun(job)
    reply = ask(str(door.place), "secret", {"do": "kill", "num": 0}, LIMIT)
    assert reply["result"] == "killed"
    assert reply["summary"] == job.summary()
    reply = ask(str(door.place), "secret", {"do": "kill", "num": 0}, LIMIT)
    assert reply["result"] == "too late"


@pytest.mark.parametrize(
    ("token", "request_", "says"),
    [
        ("secret", {"do": "kill", "num": 9}, "there are no jobs"),
        ("secret", {"do": "dance"}, "a kernel cannot 'dance'"),
        ("other", {"do": "kill", "num": 0}, "another kernel has taken the place"),
    ],
)
def test_refusals(door: Door, token: str, request_: dict, says: str) -> None:
    """What cannot be done is said, and the door stays open."""
    with pytest.raises(JobError, match=says):
        ask(str(door.place), token, request_, LIMIT)
    with pytest.raises(JobError, match="a kernel cannot None"):
        ask(str(door.place), "secret", {}, LIMIT)


def test_nonsense(door: Door) -> None:
    """Who sends something else is let go of, and the next is served."""
    for data in (b"\xff\xfe\n", b"[1]\n", b"{\n", b"", b"x" * 100_000 + b"\n"):
        with socket.socket(socket.AF_UNIX) as visitor:
            visitor.settimeout(LIMIT)
            visitor.connect(str(door.place))
            try:
                visitor.sendall(data)
                visitor.shutdown(socket.SHUT_WR)
                reply = visitor.recv(1000)
            except ConnectionError:
                continue
            assert not reply or "error" in json.loads(reply)
    with pytest.raises(JobError, match="a kernel cannot None"):
        ask(str(door.place), "secret", {}, LIMIT)


def test_one_that_says_nothing_keeps_nobody_waiting(door: Door) -> None:
    """Each visitor is served by itself."""
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(str(door.place))
        with pytest.raises(JobError, match="a kernel cannot None"):
            ask(str(door.place), "secret", {}, LIMIT)


def test_another_user_is_refused(door: Door, monkeypatch) -> None:
    """The system tells who is calling; the file's mode lets nobody else in to begin with."""
    assert door.place.stat().st_mode & 0o777 == 0o600
    assert door.place.parent.stat().st_mode & 0o777 == 0o700
    own = os.geteuid()
    monkeypatch.setattr(server.os, "geteuid", lambda: own + 1)
    with pytest.raises(JobError, match="this kernel belongs to another user"):
        ask(str(door.place), "secret", {"do": "kill", "num": 0}, LIMIT)


def test_closing(door: Door) -> None:
    """The socket is removed and the thread ends; whoever asks then is told."""
    door.close()
    door.close()
    assert not door.place.exists()
    with pytest.raises(Unreachable, match="cannot be reached"):
        ask(str(door.place), "secret", {}, LIMIT)
    with pytest.raises(Unreachable, match="has no socket"):
        ask("", "secret", {}, LIMIT)


def test_what_others_left_behind_is_removed(short_path: Path) -> None:
    """Sockets of killed processes, but neither living ones nor other files."""
    folder = short_path / "run"
    folder.mkdir()
    dead = folder / "nbjobs-1-dead.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(dead))
    file = folder / "nbjobs-2-file.sock"
    file.touch()
    alive = Door(folder, "one", dict)
    try:
        Door(folder, "two", dict).close()
        assert sorted(folder.iterdir()) == sorted([file, alive.place])
    finally:
        alive.close()


def test_a_place_with_too_long_a_name(tmp_path: Path) -> None:
    """Is refused with the reason, before anything is opened."""
    with pytest.raises(OSError, match="the path of a socket has at most 100 bytes"):
        Door(tmp_path / ("x" * 100), "one", dict)


def test_an_unknown_job_is_not_found(jobs: JobManager) -> None:
    """The manager's own error arrives as text at the other end."""
    with pytest.raises(JobNotFound):
        answer(jobs, {"do": "kill", "num": 5})
