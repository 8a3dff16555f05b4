"""Interrupting a running cell does not hurt jobs; restarting and shutting down end them well."""

from __future__ import annotations

from pathlib import Path

from iopub import Kernel, kernel


def begun(k: Kernel, job: str) -> None:
    """Wait until the job's code has said so."""
    k.run(f"assert ready.wait(30), {job}.summary()\nready.clear()")


def test_interrupt_leaves_jobs_and_their_programs_alone() -> None:
    """The cell gets KeyboardInterrupt; a job that waits, and one's child process, go on."""
    with kernel() as k:
        k.run("%load_ext nbjobs\nimport threading, subprocess, time")
        k.run("go = threading.Event(); ready = threading.Event(); children = []")
        k.run("waits = %job ready.set() or go.wait()")
        begun(k, "waits")
        k.run(
            "%%job --name child\n"
            "children.append(subprocess.Popen(['sleep', '600']))\n"
            "ready.set()\n"
            "children[0].wait()"
        )
        begun(k, "jobs['child']")
        cell = k.send("print('sleeping', flush=True)\ntime.sleep(600)")
        k.until(lambda: "sleeping" in k.text(cell))
        k.manager.interrupt_kernel()
        k.finish(cell)
        assert k.of(cell, "error")[0]["content"]["ename"] == "KeyboardInterrupt"
        assert k.value("(waits.state.value, jobs['child'].state.value)") == ("running", "running")
        assert k.value("children[0].poll()") is None
        assert k.value("jobs['child'].kill(30).value") == "killed"
        k.run("children[0].wait(30)")
        assert k.value("__import__('pathlib').Path(f'/proc/{children[0].pid}').exists()") is False
        k.run("go.set()")
        assert k.value("waits.get(30)") is True


def test_restart_runs_finally(tmp_path: Path) -> None:
    """A restart ends jobs like a shutdown: `finally` blocks run, and the kernel comes back."""
    marker = tmp_path / "cleaned"
    with kernel() as k:
        k.run("%load_ext nbjobs\nimport threading, time, pathlib; ready = threading.Event()")
        k.run(
            "%%job\ntry:\n    ready.set()\n    time.sleep(600)\n"
            f"finally:\n    pathlib.Path({str(marker)!r}).touch()"
        )
        begun(k, "jobs[0]")
        k.manager.restart_kernel()
        k.client.wait_for_ready(timeout=60)
        assert marker.exists()
        assert k.value("1 + 1") == 2
