"""`nbjobs` on the command line, beside a live kernel."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from iopub import Kernel, kernel

COMMAND = [sys.executable, "-c", "import sys; from nbjobs.cli import main; sys.exit(main())"]


def nbjobs(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def live(tmp_path: Path, short_path: Path, monkeypatch) -> Iterator[Kernel]:
    """A kernel in a profile of its own, with three jobs: done, dead, and one that counts."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(short_path / "run"))
    with kernel() as started:
        started.run("%load_ext nbjobs")
        started.run("%job --name done print('hello') or 6 * 7")
        started.run("%job 1 / 0")
        started.run("import threading\ngo, end = threading.Event(), threading.Event()")
        started.run(
            "%%job --name counts\nprint('one')\ngo.wait()\nprint('two')\nend.wait()\nprint('three')"
        )
        started.run("jobs.wait(0, 1)\nwhile 'one' not in jobs.history()['counts'].stdout: pass")
        yield started


def test_ls(live: Kernel) -> None:
    """A table of the newest, by the same questions as at the prompt; or JSON."""
    table = nbjobs("ls")
    assert table.returncode == 0, table.stderr
    _, _, *rows = table.stdout.splitlines()
    assert [row.split()[0] for row in rows] == ["3", "2", "1"]
    assert "running" in rows[0]
    found = json.loads(nbjobs("ls", "--json", "--state", "failed", "--since", "1h").stdout)
    assert [(job["id"], job["error"]) for job in found] == [
        (2, "ZeroDivisionError: division by zero")
    ]
    assert len(json.loads(nbjobs("ls", "--json", "--limit", "1").stdout)) == 1
    assert len(json.loads(nbjobs("ls", "--json", "--last").stdout)) == 3
    assert nbjobs("ls", "--name", "nobody").stdout == "no such jobs in the journal\n"


def test_show(live: Kernel) -> None:
    """Facts, source, output and traceback; or JSON with the outputs."""
    done = nbjobs("show", "1").stdout
    assert "name:      done\n" in done
    assert "state:     succeeded after" in done
    assert done.endswith("\nprint('hello') or 6 * 7\n\nhello\n")
    assert "ZeroDivisionError" in nbjobs("show", "2").stdout.splitlines()[-1]
    found = json.loads(nbjobs("show", "1", "--json").stdout)
    assert found["outputs"][0] == {"output_type": "stream", "name": "stdout", "text": "hello\n"}


def test_tail(live: Kernel) -> None:
    """The last lines; with -f, what comes until the job ends."""
    assert nbjobs("tail", "3").stdout == "one\n"
    assert nbjobs("tail", "-n", "0", "1").stdout == ""
    with subprocess.Popen([*COMMAND, "tail", "-f", "3"], stdout=subprocess.PIPE) as following:
        assert following.stdout is not None
        assert following.stdout.readline() == b"one\n"
        live.run("go.set()")
        assert following.stdout.readline() == b"two\n"
        live.run("end.set()")
        assert following.stdout.read() == b"three\n"
        assert following.wait(60) == 0


def test_wait(live: Kernel) -> None:
    """The exit code says how they ended, or that they have not."""
    assert nbjobs("wait", "1").returncode == 0
    both = nbjobs("wait", "1", "2")
    assert both.returncode == 1
    assert both.stdout.splitlines()[1].startswith("job 2 failed after")
    late = nbjobs("wait", "3", "--timeout", "0.2")
    assert late.returncode == 4
    assert "job 3 has not ended: running" in late.stderr
    with subprocess.Popen([*COMMAND, "wait", "3"]) as waiting:
        live.run("go.set(); end.set()")
        assert waiting.wait(60) == 0


def test_kill(live: Kernel) -> None:
    """It is really dead in the kernel; one that has ended cannot be killed."""
    killed = nbjobs("kill", "3")
    assert killed.returncode == 0, killed.stderr
    assert killed.stdout.startswith("job 3 killed after")
    assert live.value("str(jobs['counts'].state)") == "killed"
    again = nbjobs("kill", "3")
    assert again.returncode == 1
    assert "job 3 has ended: killed" in again.stderr


def test_a_kill_that_takes_its_time(live: Kernel) -> None:
    """Says where the job hangs, with an exit code of its own."""
    live.run("lock = threading.Lock(); lock.acquire()\nj = %job --name stuck lock.acquire()")
    live.run("while len(jobs.history(state='running')) != 2: pass")
    late = nbjobs("kill", "4", "--grace", "0.2")
    live.run("lock.release()\njobs.wait('stuck')")
    assert late.returncode == 4, late.stdout + late.stderr
    assert "it has not ended yet" in late.stderr


def test_a_dead_kernel(live: Kernel, short_path: Path) -> None:
    """Its jobs are lost, also for who waits; and the next kernel removes its socket."""
    (socket,) = (short_path / "run").glob("nbjobs-*.sock")
    with subprocess.Popen([*COMMAND, "wait", "3"], stdout=subprocess.PIPE, text=True) as waiting:
        live.manager.signal_kernel(9)
        assert waiting.wait(60) == 1
        assert waiting.stdout is not None
        assert waiting.stdout.read().startswith("job 3 lost after")
    assert nbjobs("kill", "3").returncode == 1
    with kernel() as other:
        other.run("%load_ext nbjobs\n%job 1")
        other.run("jobs.wait()\nassert jobs.history()")
        assert not socket.exists()


def test_a_kernel_that_cannot_be_reached(live: Kernel, short_path: Path) -> None:
    """Its socket is gone: the kill says so by an exit code of its own."""
    (socket,) = (short_path / "run").glob("nbjobs-*.sock")
    socket.unlink()
    unreachable = nbjobs("kill", "3")
    assert unreachable.returncode == 5
    assert "cannot be reached" in unreachable.stderr


def test_an_orderly_end_removes_the_socket(live: Kernel, short_path: Path) -> None:
    """And its session has ended in the journal: nothing is lost."""
    live.client.shutdown(reply=True, timeout=60)
    live.manager.finish_shutdown()
    assert not list((short_path / "run").glob("nbjobs-*.sock"))
    (job,) = json.loads(nbjobs("ls", "--json", "--name", "counts").stdout)
    assert job["state"] == "killed"


def test_an_interrupt_and_a_closed_pipe(live: Kernel) -> None:
    """Ctrl-C ends the command and not the job; a reader that goes away is no error."""
    with subprocess.Popen(
        [*COMMAND, "tail", "-f", "3"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as following:
        assert following.stdout is not None
        assert following.stdout.readline() == b"one\n"
        following.send_signal(signal.SIGINT)
        assert following.wait(60) == 130
    with subprocess.Popen(
        [*COMMAND, "tail", "-f", "3"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as following:
        assert following.stdout is not None
        assert following.stderr is not None
        assert following.stdout.readline() == b"one\n"
        following.stdout.close()
        live.run("go.set()")
        assert following.wait(60) == 0
        assert following.stderr.read() == b""
    assert live.value("str(jobs['counts'].state)") == "running"


def test_prune(live: Kernel) -> None:
    """Deletes what has ended and is older, and leaves what runs."""
    pruned = nbjobs("prune", "--days", "0")
    assert pruned.returncode == 0, pruned.stderr
    assert pruned.stdout.startswith("2 jobs deleted; ")
    assert [job["id"] for job in json.loads(nbjobs("ls", "--json").stdout)] == [3]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("show", "99"), 3, "there is no job 99 in the journal"),
        (("ls", "--profile", "other"), 3, "there is no journal at"),
        (("ls", "--since", "never"), 2, "no moment: 'never'"),
        (("ls", "--state", "odd"), 2, "there is no state 'odd'"),
        (("ls", "--limit", "-1"), 2, "must not be negative: -1"),
        (("wait", "1", "--timeout", "nan"), 2, "must be a number from 0: nan"),
        (("show", "x"), 2, "invalid int value: 'x'"),
        (("kill",), 2, "required: ID"),
    ],
)
def test_wrong_use(tmp_path: Path, monkeypatch, arguments, code: int, says: str) -> None:
    """Says what is wrong, and exits with the code for it."""
    from keeping import kept

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    with kept(tmp_path / "profile_default" / "nbjobs.sqlite") as keeping:
        keeping.jobs.submit(int).wait(60)
        keeping.records()
    done = nbjobs(*arguments)
    assert (done.returncode, says in done.stderr) == (code, True), done.stderr
