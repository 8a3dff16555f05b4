"""Dependencies, queues, retries and repetition as options of `%job`."""

import threading

import pytest
from IPython.core.error import UsageError

from nbjobs import JobState

LIMIT = 10.0


def test_after_finds_what_its_parent_has_assigned(run, shell) -> None:
    """A name assigned by a job is there when a job that waits for it runs."""
    go = shell.user_ns["go"] = threading.Event()
    run(f"%job --name crawl pages = go.wait({LIMIT}) and [1, 2]")
    child = run("%job --after crawl sum(pages)")
    assert child.state is JobState.WAITING
    go.set()
    assert child.get(LIMIT) == 3


def test_conditions(run) -> None:
    """`--when` and `--any` are as in `jobs.options`."""
    run("%job 1 / 0")
    run("%job 1 + 1")
    assert run("%job --after 0 --when failure 'alarm'").get(LIMIT) == "alarm"
    assert run("%job --after 0,1 --any 'one'").get(LIMIT) == "one"
    skipped = run("%job --after 0-1 'both'")
    skipped.wait(LIMIT)
    assert skipped.state is JobState.SKIPPED


def test_queue(run, shell) -> None:
    """One at a time."""
    go = shell.user_ns["go"] = threading.Event()
    first = run(f"%job -q db go.wait({LIMIT})")
    second = run("%job --queue db 2")
    assert second.state is JobState.QUEUED
    go.set()
    assert second.get(LIMIT) == 2
    assert first.get() is True


def test_retries(run) -> None:
    """With the names of exceptions as the user knows them."""
    run(
        "import json\ncalls = []\n"
        "def load():\n calls.append(1)\n return json.loads('[]' if len(calls) > 1 else '[')"
    )
    job = run("%job -r 2 --retry-delay 0.01 --retry-on json.JSONDecodeError,OSError load()")
    assert job.get(LIMIT) == []
    assert job.attempts == 2


def test_every(run, shell) -> None:
    """Again and again, with an assignment each time."""
    shell.user_ns["enough"] = threading.Event()
    run(
        "calls = []\ndef poll():\n calls.append(1)\n len(calls) > 2 and enough.set()\n"
        " return len(calls)"
    )
    job = run("%job --every 0.01 latest = poll()")
    assert shell.user_ns["enough"].wait(LIMIT)
    job.kill(LIMIT)
    assert shell.user_ns["latest"] >= 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--after nobody", "there is no job named 'nobody'"),
        ("--after 7", "there is no job 7"),
        ("--name a --after a", "cannot wait for itself"),
        ("--when never", "when must be one of"),
        ("--retries x", "--retries"),
        ("--retries -1", "0 or more"),
        ("--retry-on NoSuchError", "there is no exception 'NoSuchError'"),
        ("--retry-on int", "takes exception classes"),
        ("--every 0", "more than 0 seconds"),
        ("--queue 3", "cannot name a queue"),
    ],
)
def test_nonsense(shell, options: str, message: str) -> None:
    """Is told, and no job is made."""
    with pytest.raises(UsageError, match=message):
        shell.run_line_magic("job", f"{options} 1")
    assert len(shell.user_ns["jobs"]) == 0


def test_graph_in_a_terminal(run, capsys) -> None:
    """As text."""
    run("%job --name a 1")
    run("%job --after a 2").wait(LIMIT)
    run("%jobs graph")
    assert "j0 --> j1" in capsys.readouterr().out
