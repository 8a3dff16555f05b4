"""Ends: of threads that cannot begin, of managers, of the interpreter."""

import resource
import subprocess
import sys
import threading

import pytest

from nbjobs import JobError, JobManager, JobState
from waiting import begun

LIMIT = 10.0


def test_a_thread_that_cannot_be_started(jobs: JobManager) -> None:
    """The job fails and says why, the manager goes on; forced by the system's own limit."""
    code = """
import resource, threading
from nbjobs import JobManager, JobState
jobs = JobManager()
assert jobs.submit(pow, 2, 2).get(10) == 4
blocker = threading.Event()
resource.setrlimit(resource.RLIMIT_AS, (700 << 20, 700 << 20))
threading.stack_size(256 << 20)
made = [jobs.submit(blocker.wait) for _ in range(20)]
failed = [job for job in made if job.state is JobState.FAILED]
assert failed and len(failed) < 20, [job.state for job in made]
assert "start new thread" in failed[0].summary(), failed[0].summary()
blocker.set()
assert jobs.wait(timeout=10)
assert jobs.submit(pow, 3, 3).get(10) == 27
jobs.close()
print("survived")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.returncode) == ("survived\n", 0), done.stderr
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY


def test_close(blocker: threading.Event) -> None:
    """Kills what runs, keeps the jobs, starts no more, and may be called again."""
    jobs = JobManager()
    running, done = jobs.submit(blocker.wait), jobs.submit(int)
    done.wait(LIMIT)
    begun(running)
    jobs.close(LIMIT)
    jobs.close()
    assert (running.state, done.result, len(jobs)) == (JobState.KILLED, 0, 2)
    with pytest.raises(JobError, match="closed"):
        jobs.submit(int)


def test_with(blocker: threading.Event) -> None:
    """The block's end waits for the jobs; an error in it kills them."""
    with JobManager() as jobs:
        job = jobs.submit(threading.Event().wait, 0.02)
    assert job.state is JobState.SUCCEEDED
    with pytest.raises(ZeroDivisionError), JobManager() as jobs:  # noqa: PT012
        job = jobs.submit(blocker.wait)
        begun(job)
        raise ZeroDivisionError
    assert job.state is JobState.KILLED


def test_the_interpreter_ends_in_time() -> None:
    """At exit running jobs are killed and their `finally` blocks run, within two seconds."""
    code = """
import threading, time
from concurrent.futures import ThreadPoolExecutor
from nbjobs import JobManager
jobs = JobManager()
ready = threading.Event()
def work():
    with ThreadPoolExecutor(2) as pool:
        try:
            pool.submit(time.sleep, 60)
            ready.set()
            threading.Event().wait()
        finally:
            print("cleaned up", flush=True)
jobs.submit(work)
assert ready.wait(10)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("cleaned up\n", "", 0)
