"""The file over time: its versions, its age and its size."""

import sqlite3
import time
from pathlib import Path

import pytest

from keeping import LIMIT, Kept, kept
from nbjobs.journal import retention
from nbjobs.journal.database import open_to_write
from nbjobs.journal.schema import MIGRATIONS, NewerJournal, migrate


def version(connection: sqlite3.Connection) -> int:
    """The file's version."""
    return connection.execute("PRAGMA user_version").fetchone()[0]


def test_migrations_run_in_order_and_once(path: Path) -> None:
    """From each version on, by the steps that are missing, keeping what is there."""
    path.touch()
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, MIGRATIONS[:1])
    assert version(connection) == 1
    connection.execute("INSERT INTO sessions VALUES (1, 2, 'h', 'f', 'p', 's', 't', 0, 1, 0, 0)")
    more = (*MIGRATIONS, "ALTER TABLE jobs ADD COLUMN a", "ALTER TABLE jobs RENAME COLUMN a TO b")
    migrate(connection, more)
    migrate(connection, more)
    assert version(connection) == len(more)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(jobs)")]
    assert columns[-1] == "b"
    assert connection.execute("SELECT pid FROM sessions").fetchall() == [(2,)]
    with pytest.raises(NewerJournal, match="install a later nbjobs"):
        migrate(connection)
    connection.close()


def test_a_migration_that_fails_changes_nothing(path: Path) -> None:
    """The version and the tables stay those of the last good step."""
    path.touch()
    connection = sqlite3.connect(path, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, (*MIGRATIONS, "CREATE TABLE more (x); CREATE TABLE jobs (y)"))
    assert version(connection) == len(MIGRATIONS)
    assert not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'more'").fetchall()
    connection.close()


def fill(keeping: Kept, count: int, size: int) -> None:
    """Keep jobs with results of so many bytes."""
    for _ in range(count):
        keeping.jobs.submit(bytes, size)
    assert keeping.jobs.wait(timeout=LIMIT)
    keeping.records()


def test_old_jobs_go(path: Path) -> None:
    """When a session begins; younger ones stay, and so does what still runs."""
    with kept(path) as keeping:
        fill(keeping, 3, 10)
    with sqlite3.connect(path) as connection:
        old = time.time() - 3 * 86400
        connection.execute("UPDATE jobs SET submitted = ? WHERE id <= 2", (old,))
    connection.close()
    with kept(path, days=2) as keeping:
        keeping.jobs.submit(int).wait(LIMIT)
        assert [record.id for record in keeping.records()] == [3, 4]


def test_the_oldest_go_when_it_is_too_large(keeping: Kept) -> None:
    """Until the rest is small enough; the file shrinks, and no output is left without a job."""
    fill(keeping, 600, 10_000)
    keeping.jobs.close(LIMIT)
    keeping.journal.close(LIMIT)
    connection = open_to_write(keeping.path)
    before = keeping.path.stat().st_size
    assert retention.prune(connection, 90, 3) >= 300
    assert retention.size_of(connection) <= 3e6
    left = [id_ for (id_,) in connection.execute("SELECT id FROM jobs ORDER BY id")]
    assert left == list(range(601 - len(left), 601))
    orphans = "SELECT count(*) FROM parts WHERE job NOT IN (SELECT id FROM jobs)"
    assert connection.execute(orphans).fetchone() == (0,)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    assert keeping.path.stat().st_size < before * 0.6


def test_it_is_looked_at_again_as_jobs_come(path: Path, monkeypatch) -> None:
    """A long session, too, keeps within its size."""
    monkeypatch.setattr("nbjobs.journal.store.PRUNE_EVERY", 100)
    with kept(path, megabytes=1) as keeping:
        for _ in range(6):
            fill(keeping, 100, 10_000)
        assert 0 < len(keeping.records()) < 200
