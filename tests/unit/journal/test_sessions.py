"""Sessions: alive, ended or lost, one beside the other, and what is told of those that died."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from keeping import LIMIT, Kept, kept
from nbjobs import JobError, JobState
from nbjobs.journal.history import History, Reader
from nbjobs.journal.query import Query, states_of

SUPPORT = Path(__file__).parents[2] / "support"

DIES = """
import os, sys, threading
from pathlib import Path
from keeping import Kept
from nbjobs import current_job
keeping = Kept(Path(sys.argv[1]))
keeping.jobs.submit(int, 42).wait(30)
def stays():
    current_job().recorder.write("stdout", "so far")
    current_job().progress(3, 10)
    threading.Event().wait()
stay = keeping.jobs.submit(stays)
waits = keeping.jobs.options(after=stay).submit(int)
while "so far" not in [record.stdout for record in keeping.records()]:
    pass
print("ready", flush=True)
threading.Event().wait()
"""

FORKS_HERE = 'print("ready", flush=True)'
FORKS = """
child = os.fork()
if child:
    print(child, flush=True)
"""


def died(path: Path, how: int = signal.SIGKILL) -> None:
    """A process keeps three jobs there, one of which ends, and is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", DIES, str(path)], stdout=subprocess.PIPE, cwd=SUPPORT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(how)


def test_a_killed_process(path: Path) -> None:
    """What had ended is there with its result; the rest is lost, and shows how far it got."""
    died(path)
    done, stayed, waited = list(History(Reader(path), Query()))[::-1]
    assert (done.state, done.result) == (JobState.SUCCEEDED, 42)
    assert (stayed.state, stayed.stdout, stayed.progress) == (JobState.LOST, "so far", (3, 10))
    assert stayed.summary().endswith(": 3 of 10 done")
    assert waited.state is JobState.LOST
    with pytest.raises(JobError, match="has no result: lost after"):
        _ = stayed.result


def test_asking_for_lost_jobs(path: Path) -> None:
    """They are found as lost, and not as running, before and after anybody has noted it."""
    died(path)
    for _ in range(2):
        found = History(Reader(path), Query(state=states_of("lost")))
        assert [record.num for record in found] == [2, 1]
        assert len(found) == 2
        assert not History(Reader(path), Query(state=states_of(("running", "waiting"))))
        with kept(path) as keeping:
            keeping.jobs.submit(int).wait(LIMIT)
            keeping.records()


def test_the_next_session_is_told_once(path: Path) -> None:
    """In one line that counts; the session after that one is not told again."""
    died(path)
    with kept(path) as first:
        first.journal.look_back()
        assert first.journal.flush(LIMIT)
        (line,) = first.lines
        assert "the kernel of session 1 died after" in line
        assert "of its 3 jobs, 1 had ended and 2 were lost" in line
        assert line.endswith("%jobs history --session 1")
    with kept(path) as second:
        second.journal.look_back()
        assert second.journal.flush(LIMIT)
        assert second.lines == []


def test_a_session_that_ended_is_not_lost(path: Path) -> None:
    """Nor are its jobs, one of which was killed by its end."""
    with kept(path) as first:
        first.jobs.submit(threading.Event().wait)
        first.records()
    with kept(path) as second:
        second.journal.look_back()
        assert second.journal.flush(LIMIT)
        assert second.lines == []
        assert second.records()[0].state in (JobState.KILLED, JobState.CANCELLED)


def test_living_sessions_are_left_alone(keeping: Kept, blocker) -> None:
    """Another one that begins and ends, here or in another process, sees its jobs as running."""
    keeping.jobs.submit(blocker.wait)
    keeping.records()
    with kept(keeping.path) as other:
        other.jobs.submit(int).wait(LIMIT)
        states = [record.state for record in other.records()]
        assert states == [JobState.RUNNING, JobState.SUCCEEDED]
    died(keeping.path)
    assert keeping.records()[0].state is JobState.RUNNING
    assert [record.session for record in keeping.records()] == [1, 2, 3, 3, 3]


def test_a_child_that_outlives_its_session(path: Path) -> None:
    """A forked child does not keep the session alive."""
    code = DIES.replace(FORKS_HERE, FORKS)
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, cwd=SUPPORT
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
        process.wait()
        try:
            states = [str(record.state) for record in History(Reader(path), Query())]
            assert states == ["lost", "lost", "succeeded"]
        finally:
            os.kill(child, signal.SIGKILL)


def test_the_file_is_sound(path: Path) -> None:
    """After a killed process, by SQLite's own judgement."""
    died(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
