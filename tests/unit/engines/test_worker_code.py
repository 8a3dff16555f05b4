"""Code in a worker finds what it finds in the notebook: classes, magics, logging, progress."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from traitlets import TraitError

from nbjobs import JobError
from waiting import until

LIMIT = 60.0


def test_classes_of_the_notebook(run: Callable[[str], Any]) -> None:
    """Their objects come back as objects of the same class, and so do their errors."""
    run("class Point:\n    def __init__(self, x): self.x = x")
    run("class Missed(ValueError): pass\ndef miss(): raise Missed('by far')\np = Point(3)")
    job = run("%job --on process Point(p.x + 1)")
    assert job.get(LIMIT).x == 4
    assert type(job.result) is run("Point")
    missed = run("%job --on process miss()")
    with pytest.raises(ValueError, match="by far") as caught:
        missed.get(LIMIT)
    assert caught.type is run("Missed")


def test_tracebacks_show_the_cells(run: Callable[[str], Any]) -> None:
    """The lines of the cell, and of the functions of other cells, stand in it."""
    run("def helper(x):\n    y = x\n    return 1 / y")
    job = run("%%job --on process\nz = 3\nhelper(z - 3)")
    job.wait(LIMIT)
    for line in ("line 3, in <module>", "helper(z - 3)", "line 3, in helper", "return 1 / y"):
        assert line in job._tb
    shown = "\n".join(job.outputs[-1]["traceback"])
    assert job.outputs[-1]["ename"] == "ZeroDivisionError"
    assert "helper" in shown


def test_errors_that_are_only_shown_come_at_once(run: Callable[[str], Any], tmp_path: Path) -> None:
    """The job goes on after them, and what it prints then comes, too, before it ends."""
    go = tmp_path / "go"
    job = run(
        "%%job --on process\nimport pathlib, time\n"
        "get_ipython().showtraceback((ValueError, ValueError('shown'), None))\nprint('after')\n"
        f"while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)"
    )
    until(lambda: "after" in job.stdout)
    assert [each["evalue"] for each in job.outputs if "evalue" in each] == ["shown"]
    assert not job.state.finished
    go.touch()
    assert job.get(LIMIT) is None


def test_shell_commands_and_magics(run: Callable[[str], Any]) -> None:
    """They work in a worker, and find names of the notebook in their text."""
    run("%reload_ext nbjobs")
    run("def timed():\n    !echo from a function\n    return 7")
    job = run("%%job --on process\n!echo from the shell\n%time x = timed()\nx")
    assert job.get(LIMIT) == 7
    assert "from the shell" in job.stdout
    assert "from a function" in job.stdout
    assert "Wall time" in job.stdout


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("__import__('logging').getLogger('a').warning('logged')", "logged"),
        ("__import__('warnings').warn('careful')", "UserWarning: careful"),
    ],
)
def test_logging_and_warnings(run: Callable[[str], Any], code: str, expected: str) -> None:
    """They are the job's stderr."""
    job = run(f"%job --on process {code}")
    job.get(LIMIT)
    assert expected in job.stderr


def test_progress(run: Callable[[str], Any]) -> None:
    """A tracked loop tells the job how far it is."""
    run("from nbjobs import track")
    job = run("%job --on process sum(track(range(100)))")
    assert job.get(LIMIT) == 4950
    assert job.progress == (100, 100)


def test_what_ends_an_interpreter_ends_the_job_alone(run: Callable[[str], Any]) -> None:
    """SystemExit fails the job; its worker goes on."""
    run("jobs.engines.processes = 1")
    pid = run("%job --on process __import__('os').getpid()").get(LIMIT)
    with pytest.raises(JobError, match="SystemExit: 3"):
        run("%job --on process __import__('sys').exit(3)").get(LIMIT)
    assert run("%job --on process __import__('os').getpid()").get(LIMIT) == pid


def test_nobody_can_be_asked(run: Callable[[str], Any]) -> None:
    """`input()` says so, as in any job."""
    with pytest.raises(JobError, match="a job cannot ask"):
        run("%job --on process input('?')").get(LIMIT)


def test_a_default_engine(run: Callable[[str], Any]) -> None:
    """The setting counts for jobs that name none."""
    run("%config NbJobs.executor = 'process'")
    here = run("__import__('os').getpid()")
    assert run("%job __import__('os').getpid()").get(LIMIT) != here
    assert run("%job --on thread __import__('os').getpid()").get(LIMIT) == here


def test_a_default_that_says_where(shell, run: Callable[[str], Any]) -> None:
    """The default may name all that `--on` may, and nothing else."""
    settings = next(each for each in shell.configurables if type(each).__name__ == "NbJobs")
    with pytest.raises(TraitError, match="there is no engine 'dusk'"):
        settings.executor = "dusk"
    settings.cluster_timeout = 1.0
    run("%config NbJobs.executor = 'tcp://127.0.0.1:1'")
    run("job = %job 6 * 7")
    with pytest.raises(JobError, match="no Dask scheduler can be reached"):
        run("job.get(60)")
