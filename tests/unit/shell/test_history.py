"""The journal in a shell: `%jobs history`, its settings, and what the next session is told."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from IPython.core.error import UsageError

from nbjobs import JobError, JobState
from waiting import begun

LIMIT = 30.0


@pytest.fixture
def file(shell) -> Path:
    """The shell's journal."""
    return Path(shell.profile_dir.location) / "nbjobs.sqlite"


def test_history(shell, run, capsys) -> None:
    """A table of the jobs, newest first; the record has what the job had."""
    run("%job --name sum print('hello') or 6 * 7").wait(LIMIT)
    run("%job 1 / 0").wait(LIMIT)
    run("pass")  # Both have been reported then.
    capsys.readouterr()
    run("%jobs history")
    head, _, *rows = capsys.readouterr().out.splitlines()
    words = ["id", "session", "job", "state", "submitted", "elapsed", "result", "or", "error"]
    assert head.split() == words
    assert [row.split()[0] for row in rows] == ["2", "1"]
    assert "ZeroDivisionError" in rows[0]
    assert "42" in rows[1]
    record = shell.user_ns["jobs"].history()["sum"]
    assert record.result == 42
    assert record.outputs == shell.user_ns["jobs"]["sum"].outputs
    run("jobs.history()[1].show()")
    assert "[1]  succeeded" in capsys.readouterr().out
    run("jobs.history()[2].traceback()")
    assert "ZeroDivisionError: division by zero" in capsys.readouterr().out


def test_queries(shell, run, capsys) -> None:
    """The words after it say which; -h lists them; what makes no sense is a UsageError."""
    run("%job 1").wait(LIMIT)
    run("%job 1 / 0").wait(LIMIT)
    run("pass")
    capsys.readouterr()
    run("%jobs history --state failed --since 1h --name '1 / 0' --session 1")
    assert len(capsys.readouterr().out.splitlines()) == 3
    run("%jobs history --state lost")
    assert "No such jobs in the journal." in capsys.readouterr().out
    run("%jobs history -h")
    assert "--since WHEN" in capsys.readouterr().out
    for line, says in (
        ("--state broken", "there is no state 'broken'"),
        ("--since broken", "no moment: 'broken'"),
        ("--frob", "unrecognized arguments: --frob"),
        ("--last", "there is no earlier session in the journal"),
    ):
        with pytest.raises(UsageError, match=says):
            run(f"%jobs history {line}")


def test_as_html(shell, run) -> None:
    """A notebook gets a table whose text is escaped."""
    run("%job '<script>'").wait(LIMIT)
    page = shell.user_ns["jobs"].history()._repr_html_()
    assert "<table" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


def test_rerun(shell, run) -> None:
    """The same code runs again with its options, also an assignment or a cell; a call cannot."""
    run("%job --timeout 60 x = 6 * 7").wait(LIMIT)
    run("%%job --name cell\ny = x\ny + 1").wait(LIMIT)
    jobs = shell.user_ns["jobs"]
    jobs.submit(len, "abc").wait(LIMIT)
    del shell.user_ns["x"]
    line = jobs.history()[1].rerun()
    assert line.get(LIMIT) == shell.user_ns["x"] == 42
    assert line.options.timeout == 60
    cell = jobs.history()[2].rerun()
    assert (cell.get(LIMIT), cell.name) == (43, "cell")
    with pytest.raises(JobError, match="it was the function len, whose arguments are not kept"):
        jobs.history()[3].rerun()


def test_rerun_where_it_was(shell, run) -> None:
    """A job that ran on a cluster with an address runs there again, and not here."""
    run("%config NbJobs.cluster_timeout = 0.5")
    run("%job --on tcp://127.0.0.1:1 6 * 7").wait(LIMIT)
    again = shell.user_ns["jobs"].history()[1].rerun()
    assert again.options.on == "tcp://127.0.0.1:1"
    with pytest.raises(JobError, match="no Dask scheduler can be reached"):
        again.get(LIMIT)


def test_it_can_be_turned_off(shell, run, file: Path) -> None:
    """Nothing is kept from then on, and it can be turned on again."""
    jobs = shell.user_ns["jobs"]
    run("%config NbJobs.journal = False")
    run("%job 1").wait(LIMIT)
    assert not file.exists()
    with pytest.raises(JobError, match="there is no journal"):
        jobs.history()
    run("%config NbJobs.journal = True")
    run("%job 2").wait(LIMIT)
    assert [record.num for record in jobs.history()] == [1]
    run("%config NbJobs.journal = False")
    assert not [t for t in threading.enumerate() if t.name.startswith(("nbjobs-j", "nbjobs-door"))]


def test_settings(shell, run, tmp_path: Path) -> None:
    """Another file, and another size of results, from the next job on."""
    other = tmp_path / "other" / "journal.sqlite"
    run(f"%config NbJobs.journal_path = {str(other)!r}")
    run("%config NbJobs.journal_result_size = 10")
    run("%job 'x' * 100").wait(LIMIT)
    (record,) = shell.user_ns["jobs"].history()
    assert "larger than 10 bytes" in record.result_note
    assert other.exists()


def test_a_running_job_is_taken_along(shell, run, tmp_path: Path) -> None:
    """When the file changes, what still runs is in the new one, too."""
    go = shell.user_ns["go"] = threading.Event()
    begun(run("%job go.wait() and 42"))
    run(f"%config NbJobs.journal_path = {str(tmp_path / 'new.sqlite')!r}")
    go.set()
    jobs = shell.user_ns["jobs"]
    assert jobs.wait(timeout=LIMIT)
    assert [record.result for record in jobs.history()] == [42]


def test_reload_goes_on(shell, run) -> None:
    """The session stays the same, and what runs meanwhile is not lost."""
    go = shell.user_ns["go"] = threading.Event()
    begun(run("%job go.wait() and 42"))
    jobs = shell.user_ns["jobs"]
    assert [record.state for record in jobs.history()] == [JobState.RUNNING]
    run("%reload_ext nbjobs")
    go.set()
    assert jobs.wait(timeout=LIMIT)
    assert [(record.session, record.result) for record in jobs.history()] == [(1, 42)]


def test_unload_keeps_how_jobs_ended(shell, run, file: Path) -> None:
    """A job that is killed by it is there as killed, and the session as ended."""
    from nbjobs.journal.history import History, Reader
    from nbjobs.journal.query import Query

    shell.user_ns["go"] = threading.Event()
    begun(run("%job go.wait()"))
    shell.extension_manager.unload_extension("nbjobs")
    (record,) = History(Reader(file), Query())
    assert record.state is JobState.KILLED
    assert Reader(file).rows("SELECT count(*) FROM sessions WHERE ended IS NULL") == [(0,)]


DIES = """
import os, threading
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "nbjobs")
shell.run_cell("%job print('so far') or 6 * 7")
shell.run_cell("import threading")
shell.run_cell("%job threading.Event().wait()")
jobs = shell.user_ns["jobs"]
while [str(record.state) for record in jobs.history()] != ["running", "succeeded"]:
    pass
print("ready", flush=True)
threading.Event().wait()
"""


def test_after_a_crash(shell, run, capsys) -> None:
    """Loading says so in one line, once; `--last` shows what was done and what is lost."""
    shell.extension_manager.unload_extension("nbjobs")
    with subprocess.Popen(
        [sys.executable, "-c", DIES], stdout=subprocess.PIPE,
        env={**os.environ, "IPYTHONDIR": str(Path(shell.profile_dir.location).parent)},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        while process.stdout.readline() not in (b"ready\n", b""):
            pass
        process.send_signal(signal.SIGKILL)
    capsys.readouterr()
    run("%load_ext nbjobs")
    run("pass")
    told = capsys.readouterr().err
    assert told.count("the kernel of session 1 died") == 1
    assert "of its 2 jobs, 1 had ended and 1 was lost" in told
    run("%jobs history --last")
    out = capsys.readouterr().out
    assert "lost" in out
    assert "42" in out
    run("%job 1").wait(LIMIT)
    run("%reload_ext nbjobs")
    assert "died" not in capsys.readouterr().err
    done = shell.user_ns["jobs"].history()[1]
    assert (done.result, done.stdout) == (42, "so far\n")


LOADS = """
import sys, threading
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "nbjobs")
heavy = ("nbjobs.journal.", "nbjobs.control", "nbjobs.histories", "nbjobs.commands")
print([name for name in sys.modules if name.startswith(heavy)])
print([thread.name for thread in threading.enumerate() if thread.name.startswith("nbjobs")])
"""


def test_loading_costs_nothing(tmp_path: Path) -> None:
    """In a new profile neither a module nor a thread of the journal is there before a job is."""
    run = subprocess.run(
        [sys.executable, "-c", LOADS], capture_output=True, text=True, check=True, timeout=60,
        env={**os.environ, "IPYTHONDIR": str(tmp_path)},
    )  # fmt: skip
    assert run.stdout == "[]\n[]\n"
