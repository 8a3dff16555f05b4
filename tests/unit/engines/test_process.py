"""Worker processes: killed, dying, replaced, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from nbjobs import JobError, JobManager, JobState
from nbjobs.killing import KillResult

LIMIT = 60.0


@pytest.fixture
def submit(jobs: JobManager) -> Callable[..., Any]:
    """Starts jobs on one worker process."""
    jobs.engines.processes = 1
    return jobs.options(on="process").submit


def appears(file: Path) -> str:
    """Wait until a file has content, and return it."""
    end = time.monotonic() + LIMIT
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < end, file
        time.sleep(0.005)
    return file.read_text()


def gone(pid: int) -> None:
    """Wait until there is no such process."""
    end = time.monotonic() + LIMIT
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end, psutil.Process(pid)
        time.sleep(0.005)


def test_a_kill_runs_finally_blocks(submit: Callable[..., Any], tmp_path: Path) -> None:
    """The code of a killed job cleans up, within its second."""

    def work(folder: str) -> None:
        try:
            Path(folder, "begun").write_text("x")
            time.sleep(600)
        finally:
            Path(folder, "cleaned").write_text("x")

    job = submit(work, str(tmp_path))
    appears(tmp_path / "begun")
    assert job.kill(LIMIT) is KillResult.KILLED
    assert (tmp_path / "cleaned").exists()


def test_what_holds_the_interpreter_is_killed_too(
    submit: Callable[..., Any], tmp_path: Path
) -> None:
    """A call that lets nothing else run in its process ends with the process."""

    def work(folder: str) -> None:
        Path(folder, "begun").write_text("x")
        sum(range(10**13))

    job = submit(work, str(tmp_path))
    appears(tmp_path / "begun")
    assert job.kill(LIMIT) is KillResult.KILLED
    assert submit(pow, 2, 3).get(LIMIT) == 8


def test_a_kill_ends_what_the_job_has_started(submit: Callable[..., Any], tmp_path: Path) -> None:
    """A program that the job has started ends with it, though it has a session of its own."""

    def work(file: str) -> None:
        import subprocess

        child = subprocess.Popen(["sleep", "600"], start_new_session=True)
        Path(file).write_text(str(child.pid))
        child.wait()

    job = submit(work, str(tmp_path / "pid"))
    pid = int(appears(tmp_path / "pid"))
    job.kill(LIMIT, force=True)
    gone(pid)


def test_a_worker_that_dies_is_told_of_and_replaced(submit: Callable[..., Any]) -> None:
    """The error says how it died; the next job has another."""

    def die() -> None:
        os.write(2, b"it hurts\n")
        os.kill(os.getpid(), signal.SIGKILL)

    first = submit(os.getpid).get(LIMIT)
    job = submit(die)
    with pytest.raises(JobError, match=r"was ended by SIGKILL. Its last words: it hurts"):
        job.get(LIMIT)
    assert job.state is JobState.FAILED
    assert job.stderr == "it hurts\n"
    assert submit(os.getpid).get(LIMIT) != first


def test_a_worker_that_dies_in_a_map_loses_its_item(jobs: JobManager) -> None:
    """The item whose code ends the process has an error; the others have their results."""
    jobs.engines.processes = 1

    def work(number: int) -> int:
        if number == 3:
            os._exit(7)
        return number

    group = jobs.options(on="process").map(work, iter(range(6)), workers=1)
    group.wait(LIMIT)
    assert [each.index for each in group.errors] == [3]
    assert "exit code 7" in str(group.results[3])
    assert group.results[4:] == [4, 5]


def test_closing_leaves_no_process(tmp_path: Path) -> None:
    """When the manager is closed its workers, and their guardian, have ended."""
    me = psutil.Process()
    before = {each.pid for each in me.children(recursive=True)}
    with JobManager() as jobs:
        jobs.options(on="process").map(abs, range(100), workers=2).get(LIMIT)
        assert {each.pid for each in me.children(recursive=True)} > before
    assert {each.pid for each in me.children(recursive=True)} == before


def test_a_guardian_that_was_killed_comes_back(jobs: JobManager) -> None:
    """The next worker brings a new one, which knows of the older workers."""
    jobs.engines.processes = 2
    first = jobs.options(on="process").submit(os.getpid).get(LIMIT)
    guardians = [p for p in psutil.Process().children() if "guardian" in " ".join(p.cmdline())]
    assert len(guardians) == 1
    guardians[0].kill()
    guardians[0].wait(LIMIT)
    event = "import threading; threading.Event().wait(600)"
    busy = [jobs.options(on="process").submit(exec, event) for _ in range(2)]
    end = time.monotonic() + LIMIT
    while not all(job.native_id for job in busy):
        assert time.monotonic() < end
        time.sleep(0.005)
    again = [p for p in psutil.Process().children() if "guardian" in " ".join(p.cmdline())]
    assert len(again) == 1
    assert first in {job.native_id for job in busy}
    jobs.kill(grace=LIMIT)


FORKING = """
import os, sys, time
from nbjobs import JobManager
jobs = JobManager()
worker = jobs.options(on="process").submit(os.getpid).get(60)
busy = jobs.options(on="process").submit(time.sleep, 600)
while not busy.state.started:
    time.sleep(0.01)
child = os.fork()
if not child:
    time.sleep(600)
print(worker, child, flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_forked_child_does_not_keep_workers_alive() -> None:
    """It has copies of the kernel's pipes, and must let go of them."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", FORKING], stdout=subprocess.PIPE, text=True
    ) as kernel:
        assert kernel.stdout is not None
        worker, child = map(int, kernel.stdout.readline().split())
        try:
            gone(worker)
        finally:
            os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/false"])
def test_a_worker_that_cannot_be_started(
    submit: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, python: str
) -> None:
    """The job says so, and the next one tries again."""
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", python)
        with pytest.raises(JobError, match="worker process"):
            submit(abs, -1).get(LIMIT)
    assert submit(abs, -1).get(LIMIT) == 1


def test_output_from_outside_python_is_the_jobs(submit: Callable[..., Any]) -> None:
    """What a program prints that the job starts is the job's output."""
    job = submit(os.system, f"{sys.executable} -c 'print(40 + 2)'")
    job.get(LIMIT)
    assert job.stdout == "42\n"


def test_output_comes_while_the_job_runs(submit: Callable[..., Any], tmp_path: Path) -> None:
    """A line is there before the job has ended, and progress is, too."""

    def work(file: str) -> None:
        from nbjobs import current_job

        print("under way")
        current_job().progress(3, 10, "thirds")
        while not Path(file).exists():
            time.sleep(0.01)

    job = submit(work, str(tmp_path / "go"))
    end = time.monotonic() + LIMIT
    while job.stdout != "under way\n" or job.progress != (3, 10):
        assert time.monotonic() < end
        time.sleep(0.005)
    assert job.state is JobState.RUNNING
    (tmp_path / "go").touch()
    job.get(LIMIT)


def test_ten_thousand_tiny_jobs(jobs: JobManager) -> None:
    """All have their results, and the memory of none is held by the engine."""
    jobs.engines.processes = 2
    submit = jobs.options(on="process").submit
    many = [submit(abs, -number) for number in range(10_000)]
    assert jobs.wait(timeout=LIMIT)
    assert [job.result for job in many] == list(range(10_000))


def test_workers_follow_the_kernel(
    submit: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are in its folder, and find its modules, also when these have changed."""
    submit(abs, 1).get(LIMIT)
    (tmp_path / "freshly_made.py").write_text("def answer():\n    return 42\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    import freshly_made

    assert submit(freshly_made.answer).get(LIMIT) == 42
    assert submit(os.getcwd).get(LIMIT) == str(tmp_path)


def test_an_interrupt_of_the_kernel_leaves_workers_alone(submit: Callable[..., Any]) -> None:
    """They have sessions of their own."""
    assert submit(os.getsid, 0).get(LIMIT) != os.getsid(0)


def test_jobs_can_be_submitted_by_many_threads(jobs: JobManager) -> None:
    """No job is lost."""
    submit = jobs.options(on="process").submit
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda: found.extend(submit(abs, -n) for n in range(100)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(job.get(LIMIT) for job in found) == sorted(list(range(100)) * 4)
