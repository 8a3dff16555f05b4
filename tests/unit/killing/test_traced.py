"""Debuggers and profilers in other threads, which a pending exception must not hold up.

Before 3.13 an exception that is pending in any thread, and one that was cleared, leave a flag
behind at which a thread that is traced stands still on 3.11; see `asyncexc`.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

BEFORE = """
import cProfile, ctypes, sys, threading, time
from nbjobs import JobManager, shield

def profiled():
    profile = cProfile.Profile()
    profile.runcall(sorted, [1], key=lambda item: item)
    sys.settrace(lambda *event: None)
    try:
        (lambda: None)()
    finally:
        sys.settrace(None)

def shielded():
    with shield():
        pass

def busy():
    go.set()
    while True:
        pass

def asleep():
    go.set()
    time.sleep(60)

def kill(work, grace=10):
    go.clear()
    job = jobs.submit(work)
    go.wait()
    job.kill(grace=grace)
    return job

def in_c():
    go.set()
    ctypes.CDLL(None).sleep(2)

go = threading.Event()
jobs = JobManager()
"""

CASES = {
    "a job": "jobs.submit(int).wait(); profiled()",
    "a job with a shield": "jobs.submit(shielded).wait(); profiled()",
    "a job in a job": "jobs.submit(jobs.options(on='inline').submit, int).wait(); profiled()",
    "a killed job": "assert kill(busy).state == 'killed'; profiled()",
    "a job killed while it slept": "assert kill(asleep).state == 'killed'; profiled()",
    "a killed job that hangs": """
job = kill(in_c, 0.8)
profiled()
assert job.wait(20) and job.state == "killed", job
""",
    "a kill while all is profiled": """
threading.setprofile(lambda *event: None)
sys.setprofile(lambda *event: None)
assert kill(busy).state == kill(asleep).state == "killed"
sys.setprofile(None)
""",
}


@pytest.mark.parametrize("case", CASES)
def test_a_traced_thread_goes_on(case: str) -> None:
    """The main thread is traced, profiled, or both, after or during a job."""
    code = f"{BEFORE}\n{CASES[case]}\njobs.close()\nprint('went on')"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert (run.stdout, run.stderr) == ("went on\n", "")
