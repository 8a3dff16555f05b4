"""Looking back: queries, pages, and whose results are loaded."""

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keeping import LIMIT, Kept, kept
from nbjobs import JobError, JobNotFound, JobState, MissingExtra
from nbjobs.journal.history import History, Reader
from nbjobs.journal.query import Query, moment_of, states_of


@pytest.fixture
def some(keeping: Kept) -> Kept:
    """Three jobs: one named that succeeded, one that failed, one more that succeeded."""
    jobs = keeping.jobs
    jobs.options(name="crawl").submit(int, 1).wait(LIMIT)
    jobs.submit(divmod, 1, 0).wait(LIMIT)
    jobs.submit(len, "abc").wait(LIMIT)
    keeping.records()
    return keeping


@pytest.mark.parametrize(
    ("query", "nums"),
    [
        ({}, [2, 1, 0]),
        ({"name": "crawl"}, [0]),
        ({"name": "divm"}, [1]),
        ({"name": "nobody"}, []),
        ({"state": states_of("failed")}, [1]),
        ({"state": states_of(("failed", JobState.SUCCEEDED))}, [2, 1, 0]),
        ({"state": states_of("timed_out")}, []),
        ({"since": moment_of("1h")}, [2, 1, 0]),
        ({"since": moment_of(timedelta(hours=-1))}, []),
        ({"until": moment_of("1h")}, []),
        ({"until": moment_of(datetime.now(UTC) + timedelta(days=1))}, [2, 1, 0]),
        ({"since": moment_of("2026-01-01"), "state": states_of("succeeded")}, [2, 0]),
        ({"session": 1}, [2, 1, 0]),
        ({"session": 2}, []),
    ],
)
def test_queries(some: Kept, query: dict, nums: list[int]) -> None:
    """Newest first, by name, part of the source, state, date and session."""
    history = History(Reader(some.path), Query(**query))
    assert [record.num for record in history] == nums
    assert len(history) == len(nums)
    assert bool(history) is bool(nums)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: states_of("broken"), "there is no state 'broken'; the states are waiting"),
        (lambda: moment_of("yesterday"), "no moment: 'yesterday'; write a date such as"),
    ],
)
def test_queries_that_make_no_sense(call, says: str) -> None:
    """The error says what can be asked for."""
    with pytest.raises(ValueError, match=says):
        call()


def test_one_job(some: Kept) -> None:
    """By its number in the journal, or by name: the newest."""
    history = History(Reader(some.path), Query())
    assert history[3].source == "len"
    some.jobs.options(name="crawl").submit(int, 2).wait(LIMIT)
    some.records()
    assert history["crawl"].result == 2
    with pytest.raises(JobNotFound, match="there is no job 99 in the journal"):
        _ = history[99]
    with pytest.raises(JobNotFound, match="no job here is named 'crwl'"):
        _ = history["crwl"]
    with pytest.raises(TypeError, match=r"by number or name, not 1\.5"):
        _ = history[1.5]


def test_pages(keeping: Kept) -> None:
    """Iterating goes on beyond a page; a page holds the newest."""
    for number in range(250):
        keeping.jobs.submit(int, number)
    assert keeping.jobs.wait(timeout=LIMIT)
    keeping.records()
    history = History(Reader(keeping.path), Query())
    assert len(list(history)) == len(history) == 250
    assert [record.id for record in history.page(2)] == [250, 249]


def test_no_journal(path: Path) -> None:
    """The error says when there will be one."""
    with pytest.raises(JobError, match=r"there is no journal yet at .* it begins with the first"):
        list(History(Reader(path), Query()))


def test_without_a_shell(some: Kept, capsys) -> None:
    """Showing prints; running again needs a shell, and says so."""
    record = some.records()[0]
    record.show()
    assert "succeeded" in capsys.readouterr().out
    with pytest.raises(JobError, match="there is no shell to run it in"):
        record.rerun()
    assert repr(record).startswith("<Record 1 [succeeded after")
    assert record.as_dict()["state"] == "succeeded"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.chmod(0o620), "others may write to it; if you trust .* chmod go-w"),
        (lambda path: path.chmod(0o606), "others may write to it"),
        (lambda path: path.parent.chmod(0o777), "everybody may write to that folder"),
        (lambda path: Path(f"{path}-wal").chmod(0o666), "others may write to it"),
    ],
)
def test_results_of_a_file_open_to_others(some: Kept, spoil, says: str) -> None:
    """None is loaded; everything else of the job can be read."""
    record = some.records()[0]
    spoil(some.path)
    with pytest.raises(JobError, match=says):
        _ = record.result
    assert record.result_repr == "1"


def test_results_of_another_owner(some: Kept, monkeypatch) -> None:
    """None is loaded from a file that belongs to somebody else."""
    record = some.records()[0]
    owner = some.path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(JobError, match=f"it belongs to user {owner}, and you are {owner + 1}"):
        _ = record.result


def test_a_folder_open_to_all_whose_files_are_safe(some: Kept) -> None:
    """A sticky one, such as /tmp, is as good as one's own."""
    record = some.records()[0]
    some.path.parent.chmod(0o1777)
    assert record.result == 1


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"\x80\x05cnowhere\nThing\n.", JobError, "needs a module that is not here: nowhere"),
        (b"nonsense", JobError, "cannot be loaded here"),
        (b"\x80\x05cposixpath\nThing\n.", JobError, "cannot be loaded here"),
    ],
)
def test_results_that_cannot_be_loaded(some: Kept, data: bytes, error, says: str) -> None:
    """The error says what is missing."""
    record = some.records()[0]
    some.close()
    with sqlite3.connect(some.path) as connection:
        connection.execute("UPDATE jobs SET result = ? WHERE id = 1", (data,))
    connection.close()
    with pytest.raises(error, match=says):
        _ = record.result


def test_results_that_need_cloudpickle(path: Path, monkeypatch) -> None:
    """The error names the extra."""
    with kept(path) as keeping:
        keeping.jobs.submit(lambda: lambda: 1).wait(LIMIT)
        record = keeping.only()
        assert record.result() == 1
        monkeypatch.setitem(__import__("sys").modules, "cloudpickle", None)
        monkeypatch.setitem(__import__("sys").modules, "cloudpickle.cloudpickle", None)
        with pytest.raises(MissingExtra, match=r"pip install 'nbjobs\[journal\]'"):
            _ = record.result
