"""Nothing that happens to the file harms a job: one warning, and the rest is kept."""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from keeping import LIMIT, Kept, kept

SUPPORT = Path(__file__).parents[2] / "support"

FAILS = """
import sys, time
from pathlib import Path
import syscalls
from keeping import Kept
keeping = Kept(Path(sys.argv[1]))
before, fault = sys.argv[2] == "later", getattr(syscalls, sys.argv[3])
if before:
    keeping.jobs.submit(int, 1).wait(30)
    assert keeping.journal.flush(30)
fault()
values = [keeping.jobs.submit(int, number).get(30) for number in range(100)]
assert values == list(range(100))
keeping.journal.flush(5)
keeping.jobs.submit(int, 7).wait(30)
keeping.journal.flush(5)
keeping.jobs.close(30)
keeping.journal.close()
print("\\n".join(keeping.lines))
"""


def told(path: Path, when: str, fault: str) -> str:
    """Run a hundred jobs in a process to which `fault` happens; what it has told the user."""
    run = subprocess.run(
        [sys.executable, "-c", FAILS, str(path), when, fault], cwd=SUPPORT,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert not run.stderr
    (line,) = run.stdout.splitlines()
    return line


@pytest.mark.parametrize(
    ("when", "fault", "says"),
    [
        ("first", "disk_is_full", "full"),
        ("later", "disk_is_full", "full"),
        ("first", "disk_is_read_only", "Read-only file system"),
        ("first", "no_locks", "database is locked"),
        ("later", "no_locks", "locking protocol"),
    ],
)
def test_the_system_refuses(path: Path, when: str, fault: str, says: str) -> None:
    """Every job has its result, and the user one line that says what is wrong."""
    line = told(path, when, fault)
    assert "cannot be kept as it should, and jobs go on without it" in line
    assert says in line
    if path.exists() and path.stat().st_size:
        with sqlite3.connect(path) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    """A path below a file: the jobs run, and one line says so."""
    (tmp_path / "file").touch()
    with kept(tmp_path / "file" / "nbjobs.sqlite") as keeping:
        assert keeping.jobs.submit(int, 3).get(LIMIT) == 3
        assert not keeping.journal.flush(LIMIT)
        assert keeping.jobs.submit(int, 4).get(LIMIT) == 4
        assert not keeping.journal.flush(LIMIT)
    (line,) = keeping.lines
    assert "File exists" in line


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    """For its owner only."""
    with kept(tmp_path / "a" / "b" / "nbjobs.sqlite") as keeping:
        keeping.jobs.submit(int, 3).wait(LIMIT)
        assert keeping.only().result == 3
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "content", [b"this is no database" * 100, b"SQLite format 3\0" + b"x" * 5000]
)
def test_a_corrupt_file(path: Path, content: bytes) -> None:
    """It is set aside, whole, and a new one begun; one line says where it is."""
    path.write_bytes(content)
    with kept(path) as keeping:
        keeping.jobs.submit(int, 3).wait(LIMIT)
        assert keeping.only().result == 3
    (aside,) = path.parent.glob("nbjobs.sqlite.corrupt-*")
    assert aside.read_bytes() == content
    (line,) = keeping.lines
    assert f"it is kept as {aside}, and a new one is begun" in line


def test_a_file_that_becomes_corrupt(keeping: Kept, blocker) -> None:
    """Set aside likewise; what still runs is entered in the new one, and ends there."""
    running = keeping.jobs.submit(blocker.wait)
    keeping.jobs.submit(int, 1).wait(LIMIT)
    keeping.records()
    with sqlite3.connect(keeping.path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with open(keeping.path, "r+b") as file:
        file.seek(0)
        file.write(os.urandom(keeping.path.stat().st_size))
    keeping.jobs.submit(int, 2).wait(LIMIT)
    results = {record.num: record.result_repr for record in keeping.records()}
    assert results == {0: "", 2: "2"}
    blocker.set()
    running.wait(LIMIT)
    assert {r.num: r.result_repr for r in keeping.records()} == {0: "True", 2: "2"}
    assert len(keeping.lines) == 1
    assert len(list(keeping.path.parent.glob("nbjobs.sqlite.corrupt-*[0-9]"))) == 1


def test_a_deleted_file(keeping: Kept, blocker) -> None:
    """A new one is begun, with what still runs; one line says so."""
    running = keeping.jobs.submit(blocker.wait)
    keeping.records()
    for file in keeping.path.parent.iterdir():
        file.unlink()
    keeping.jobs.submit(int, 2).wait(LIMIT)
    assert {record.num for record in keeping.records()} == {0, 1}
    blocker.set()
    running.wait(LIMIT)
    assert keeping.records()[0].result or keeping.records()[1].result
    (line,) = keeping.lines
    assert "it was moved or deleted; a new one is begun" in line


def test_a_locked_file(keeping: Kept, monkeypatch) -> None:
    """What could not be written while another held it is written afterwards; one line is said."""
    monkeypatch.setattr("nbjobs.journal.database.PATIENCE", 0.1)
    keeping.jobs.submit(int, 1).wait(LIMIT)
    keeping.records()
    locker = sqlite3.connect(keeping.path, isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    for number in range(2, 30):
        assert keeping.jobs.submit(int, number).get(LIMIT) == number
    assert not keeping.journal.flush(LIMIT)
    (line,) = keeping.lines
    assert "database is locked; it is tried again" in line
    locker.execute("ROLLBACK")
    locker.close()
    assert [record.result for record in keeping.records()] == list(range(1, 30))
    assert len(keeping.lines) == 1


def test_a_newer_file_is_left_alone(path: Path) -> None:
    """Nothing is written to it; one line says what to do."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    content = path.read_bytes()
    with kept(path) as keeping:
        assert keeping.jobs.submit(int, 1).get(LIMIT) == 1
        keeping.journal.flush(LIMIT)
        assert keeping.jobs.submit(int, 2).get(LIMIT) == 2
        keeping.journal.flush(LIMIT)
    (line,) = keeping.lines
    assert "it is of version 99" in line
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
    connection.close()
    assert len(content) == path.stat().st_size


def test_two_find_the_same_file_broken(path: Path) -> None:
    """It is set aside once, and both go on in the same new one."""
    path.write_bytes(b"this is no database" * 100)
    with kept(path) as one, kept(path) as two:
        both = [threading.Thread(target=k.jobs.submit, args=(int, 5)) for k in (one, two)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        for keeping in (one, two):
            keeping.jobs.wait(timeout=LIMIT)
            assert keeping.journal.flush(LIMIT)
        assert [record.result for record in two.records()] == [5, 5]
    assert len(list(path.parent.glob("nbjobs.sqlite.corrupt-*[0-9]"))) == 1
