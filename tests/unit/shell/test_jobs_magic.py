"""`%jobs`: the table and the verbs."""

import threading

import pytest
from IPython.core.error import UsageError

from nbjobs import JobState
from waiting import begun

LIMIT = 10.0


@pytest.fixture
def some(shell, run):
    """Four jobs: one done, one dead, one that blocks and is called slow, one that blocks."""
    shell.user_ns["blocker"] = threading.Event()
    for line in ("%job 6 * 7", "%job 1 / 0", "%job -n slow blocker.wait()", "%job blocker.wait()"):
        run(line)
    jobs = shell.user_ns["jobs"]
    jobs.wait(0, 1, timeout=LIMIT)
    begun(*jobs)
    yield jobs
    shell.user_ns["blocker"].set()


def test_table(some, run, capsys) -> None:
    """One row a job: number, name or source, state, elapsed, outcome."""
    capsys.readouterr()
    run("%jobs list")
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["#", "job", "state", "elapsed", "progress", "result", "or", "error"]
    assert [row.split()[0] for row in rows] == ["0", "1", "2", "3"]
    for row, parts in zip(
        rows, [("6 * 7", "succeeded", "42"), ("1 / 0", "failed", "ZeroDivisionError"),
               ("slow", "running"), ("blocker.wait()", "running")], strict=True,
    ):  # fmt: skip
        assert all(part in row for part in parts)


def test_no_jobs(run, capsys) -> None:
    """The empty table tells how to start a job."""
    run("%jobs list")
    assert "Start one with %job" in capsys.readouterr().out


def test_kill(some, run, capsys) -> None:
    """By name, number, range or all; says what became of each."""
    run("%jobs kill slow")
    assert some["slow"].state is JobState.KILLED
    assert "job 2 killed after" in capsys.readouterr().out
    with pytest.raises(UsageError, match="job 2 has ended: killed after"):
        run("%jobs kill 2")
    run("%jobs kill 0-9")
    assert some[3].state is JobState.KILLED
    out = capsys.readouterr().out
    assert "job 0 succeeded after" in out
    assert "before the kill" in out


def test_kill_all(some, run) -> None:
    """All that run."""
    run("%jobs kill all")
    assert some.running == []


def test_wait(some, shell, run, capsys) -> None:
    """Returns when they have ended, and says how."""
    threading.Timer(0.05, shell.user_ns["blocker"].set).start()
    capsys.readouterr()
    run("%jobs wait")
    out = capsys.readouterr().out
    assert "job 2 succeeded after" in out
    assert "job 3 succeeded after" in out


def test_traceback(some, run, capsys) -> None:
    """Of those named, or of all dead ones."""
    for line in ("%jobs traceback 1", "%jobs traceback"):
        run(line)
        assert "ZeroDivisionError: division by zero" in capsys.readouterr().out


def test_rerun(some, run) -> None:
    """Starts the same code again, as a new job that is returned."""
    again = run("%jobs rerun 0")
    assert (again.num, again.get(LIMIT)) == (4, 42)


def test_remove_and_flush(some, run, capsys) -> None:
    """Only what has ended is removed; an unfinished one is refused, and nothing is lost."""
    with pytest.raises(UsageError, match="job 2 has not ended and cannot be removed"):
        run("%jobs remove 0 2")
    assert len(some) == 4
    run("%jobs remove 0")
    run("%jobs flush")
    assert [job.num for job in some] == [2, 3]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("%jobs frob", "cannot 'frob': it knows"),
        ("%jobs __class__", "it knows"),
        ("%jobs kill", "which jobs? %jobs kill takes numbers, names, ranges or all"),
        ("%jobs kill 77", "there is no job 77; there are 4 jobs, from 0 to 3"),
        ("%jobs kill nope", "there is no job named 'nope'"),
        ("%jobs kill slwo", "did you mean 'slow'?"),
        ("%jobs rerun", "which jobs?"),
        ("%jobs wait 9-12", "no job from 9 to 12"),
        ("%jobs kill 'a", "No closing quotation"),
        ("%jobs flush 3", "flush"),
    ],
)
def test_bad_input(some, run, line: str, says: str) -> None:
    """Each is a UsageError that says what to do."""
    with pytest.raises(UsageError) as caught:
        run(line)
    assert says in str(caught.value)


def test_a_result_that_cannot_be_shown(shell, run, capsys) -> None:
    """Neither the table nor the report asks a result to show itself."""

    class Mute:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    shell.user_ns["Mute"] = Mute
    job = run("%job -s Mute()")
    assert job.wait(LIMIT)
    assert isinstance(job.result, Mute)
    run("%jobs list")
    assert "Mute>" in capsys.readouterr().out
