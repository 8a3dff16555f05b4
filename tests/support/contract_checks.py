"""The contract: what every engine does, each in a check of its own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import contract_faults as faults
import contract_work as work
from nbjobs import JobError, JobKilled, JobState, JobTimeout, NotPicklable
from nbjobs.killing import KillResult

LIMIT = 60.0


@dataclass
class Ground:
    """Where a check is made.

    Attributes:
        jobs: The manager.
        on: What to give as `on=`.
        run: Runs a cell in the shell, and returns its value.
        folder: An empty folder.
        separate: Whether the job's code runs in another process.
        sleeper: What leaves a sign of having begun and then takes long.
        long: How long, in seconds; it is not waited for where a kill ends it.
    """

    jobs: Any
    on: Any
    run: Callable[[str], Any]
    folder: Path
    separate: bool
    sleeper: Callable[..., Any]
    long: float

    def submit(self, fn: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Start a job on the engine."""
        return self.jobs.options(on=self.on, **options).submit(fn, *args)

    def begun(self) -> None:
        """Wait until the job's code has left its sign."""
        end = time.monotonic() + LIMIT
        while not (self.folder / "begun").exists():
            assert time.monotonic() < end
            threading.Event().wait(0.005)
        # The kernel hears of it a little later where the code runs elsewhere.
        while not any(job.state.started for job in self.jobs.running):
            assert time.monotonic() < end
            threading.Event().wait(0.001)


@dataclass(frozen=True)
class Check:
    """One row of the contract; `instead` is checked where an engine lacks it."""

    title: str
    check: Callable[[Ground], None]
    instead: Callable[[Ground], None] | None = None


def result(at: Ground) -> None:
    """The result is the value that the function returned."""
    assert at.submit(pow, 2, 10).get(LIMIT) == 1024


def notebook_function(at: Ground) -> None:
    """A function made in a cell finds the names of the notebook that it uses."""
    at.run(
        "factor = 3\ndef scale(x):\n    return helper(x) * factor\ndef helper(x):\n    return x + 1"
    )
    at.run("from functools import partial")
    job = at.jobs.options(on=at.on).submit(at.run("scale"), 1)
    assert job.get(LIMIT) == 6


def code(at: Ground) -> None:
    """A line and a cell run, and an assignment lands in the namespace."""
    at.run("base = 20\ndef double(x):\n    return 2 * x")
    at.jobs.engines.default = at.on
    at.run("job = %job answer = double(base) + 2")
    at.run("cell = get_ipython().run_cell_magic('job', '', 'y = base + 1\\nawait_me = y\\ny * 2')")
    assert at.run("job.get(60)") == 42
    assert at.run("answer") == 42
    assert at.run("cell.get(60)") == 42


def error(at: Ground) -> None:
    """An error has its own class and message, and its traceback shows where it was raised."""
    job = at.submit(work.fail, "no such page")
    with pytest.raises(KeyError, match="no such page"):
        job.get(LIMIT)
    assert job.state is JobState.FAILED
    assert "in fail" in job._tb
    assert "raise KeyError(text)" in job._tb


def output(at: Ground) -> None:
    """What is printed is the job's output, in order."""
    job = at.submit(work.talk)
    assert job.get(LIMIT) == "told"
    assert (job.stdout, job.stderr) == ("one\nthree\n", "two\n")
    texts = [each["text"] for each in job.outputs if each["output_type"] == "stream"]
    assert texts == ["one\n", "two\n", "three\n"]


def rich_output(at: Ground) -> None:
    """Displays, and the value, are the job's outputs."""
    # A terminal shows no HTML of its own accord.
    at.run("get_ipython().display_formatter.active_types = ['text/plain', 'text/html']")
    at.run(
        "def show():\n"
        "    from IPython.display import HTML, display\n"
        "    display(HTML('<b>bold</b>'))\n"
        "    return HTML('<i>end</i>')"
    )
    job = at.submit(at.run("show"))
    job.get(LIMIT)
    shown = [each for each in job.outputs if each["output_type"] != "stream"]
    assert [each["output_type"] for each in shown] == ["display_data", "execute_result"]
    assert shown[0]["data"]["text/html"] == "<b>bold</b>"
    assert shown[1]["data"]["text/html"] == "<i>end</i>"


def background(at: Ground) -> None:
    """`submit` returns while the job runs."""
    job = at.submit(at.sleeper, str(at.folder), at.long)
    at.begun()
    assert job.state is JobState.RUNNING
    job.kill()


def blocking(at: Ground) -> None:
    """`submit` returns when the job has ended."""
    assert at.submit(pow, 2, 2).state is JobState.SUCCEEDED


def kill_running(at: Ground) -> None:
    """A kill ends it, and says so when that is true."""
    killer = threading.Thread(target=_kill_when_begun, args=[at])
    killer.start()
    job = at.submit(at.sleeper, str(at.folder), at.long)
    killer.join(LIMIT)
    assert job.wait(LIMIT)
    assert job.state is JobState.KILLED
    with pytest.raises(JobKilled):
        job.get()
    assert at.submit(pow, 2, 2).get(LIMIT) == 4


def _kill_when_begun(at: Ground) -> None:
    at.begun()
    assert at.jobs.kill(at.jobs.running[0])[0] is KillResult.KILLED


def kill_too_late(at: Ground) -> None:
    """A kill of what cannot be ended says so, and where it hangs, and the job succeeds."""
    job = at.submit(at.sleeper, str(at.folder), 1)
    at.begun()
    assert job.kill(grace=0) is KillResult.PENDING
    assert job.state is JobState.KILLING
    assert "cannot end a call that has begun" in job.blocked_in
    assert job.get(LIMIT) == "slept"


def timeout_too_late(at: Ground) -> None:
    """The time limit passes, and the job goes on to its end."""
    job = at.submit(at.sleeper, str(at.folder), 1, timeout=0.01)
    assert job.get(LIMIT) == "slept"


def no_map(at: Ground) -> None:
    """A map ends at once, and says what to do."""
    group = at.jobs.map(abs, [1, 2], on=at.on)
    with pytest.raises(JobError, match="use on='process'"):
        group.get(LIMIT)


def plain_display(at: Ground) -> None:
    """What is displayed is printed."""
    at.run("def show():\n    from IPython.display import display\n    display({'a': 1})")
    job = at.submit(at.run("show"))
    job.get(LIMIT)
    assert job.stdout == "{'a': 1}\n"


def kill_queued(at: Ground) -> None:
    """A job that has not begun is cancelled, and never runs."""
    first = at.submit(at.sleeper, str(at.folder), at.long, queue="line")
    at.begun()
    second = at.submit(work.fail_until, str(at.folder), 0, queue="line")
    assert second.kill() is KillResult.KILLED
    assert second.state is JobState.CANCELLED
    first.kill()
    assert not list(at.folder.glob("try*"))


def timeout(at: Ground) -> None:
    """A time limit ends it."""
    job = at.submit(at.sleeper, str(at.folder), at.long, timeout=1)
    with pytest.raises(JobTimeout):
        job.get(LIMIT)
    assert job.state is JobState.TIMED_OUT


def retries(at: Ground) -> None:
    """A job that fails is tried again."""
    job = at.submit(work.fail_until, str(at.folder), 2, retries=3, retry_delay=0.01)
    assert job.get(LIMIT) == 2
    assert job.failures == ["OSError: try 0", "OSError: try 1"]


def after(at: Ground) -> None:
    """A job waits for those before it, and is given their results."""
    first = at.submit(pow, 2, 3)
    second = at.submit(pow, first, 2)
    assert second.get(LIMIT) == 64
    third = at.submit(work.fail, "dead")
    assert at.submit(pow, 2, 2, after=third).wait(LIMIT)
    assert at.jobs[3].state is JobState.SKIPPED


def map_order(at: Ground) -> None:
    """A map gives its results in input order, and keeps those of other items than the failed."""
    group = at.jobs.map(lambda n: 10 // n, [5, 0, 2, 1], workers=2, on=at.on)
    assert group.wait(LIMIT)
    assert [each for each in group.results if isinstance(each, int)] == [2, 5, 10]
    assert [(each.index, each.item) for each in group.errors] == [(1, 0)]
    assert isinstance(group.results[1], ZeroDivisionError)


def unpicklable(at: Ground) -> None:
    """What cannot travel is named, and what need not travel is no trouble."""
    at.run("import threading\nguard = threading.Lock()\ndef locked():\n    return bool(guard)")
    job = at.submit(at.run("locked"))
    if not at.separate:
        assert job.get(LIMIT) is True
        return
    with pytest.raises(NotPicklable, match="guard, which locked uses"):
        job.get(LIMIT)
    assert at.submit(pow, 2, 2).get(LIMIT) == 4


def process(at: Ground) -> None:
    """The job's code runs in a process of its own, or in the kernel's."""
    assert (at.submit(os.getpid).get(LIMIT) != os.getpid()) is at.separate


CHECKS = (
    Check("gives the result", result),
    Check("runs functions of the notebook", notebook_function),
    Check("runs lines and cells, and assigns", code),
    Check("raises the error, with its traceback", error),
    Check("records output, in order", output),
    Check("records displays and values", rich_output, plain_display),
    Check("runs in the background", background, blocking),
    Check("killed while it runs", kill_running, kill_too_late),
    Check("killed while it waits for a place", kill_queued, blocking),
    Check("time limit", timeout, timeout_too_late),
    Check("retries", retries),
    Check("waits for other jobs, and takes their results", after),
    Check("map, in order, with its errors", map_order, no_map),
    Check("names what cannot be pickled", unpicklable),
    Check("code runs in a process of its own", process, process),
    Check("outlives the death of a worker", faults.dead_worker, faults.dead),
    Check("leaves no process behind", faults.nothing_left, faults.pool_stays),
)
