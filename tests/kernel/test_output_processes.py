"""What the processes that a job makes print, and where it lands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from iopub import Kernel, kernel


@pytest.fixture(scope="module")
def k() -> Iterator[Kernel]:
    """A kernel with nbjobs loaded, and without the warning of a fork among threads."""
    with kernel() as started:
        started.run("%load_ext nbjobs")
        started.run("import os, sys, threading, subprocess, warnings")
        started.run("warnings.simplefilter('ignore', DeprecationWarning)")
        yield started


def test_a_forked_child_prints_under_the_jobs_cell(k: Kernel) -> None:
    """What a forked child prints while another cell runs is under the cell of the job."""
    k.run("go = threading.Event()")
    launch = k.run(
        "%%job --name forks\n"
        "print('before')\n"
        "go.wait()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        # One write each: ipykernel sends every write of a child by itself, in any order.
        "    sys.stdout.write('from the child\\n'); sys.stdout.flush()\n"
        "    sys.stderr.write('and its stderr\\n'); sys.stderr.flush()\n"
        "    os._exit(0)\n"
        "print('child ended with', os.waitpid(child, 0)[1])"
    )
    main = k.run("print('main'); go.set(); jobs['forks'].wait(30)")
    k.until(lambda: k.text(launch) and k.text(launch, "stderr"))
    assert k.text(launch) == "from the child\n"
    assert k.text(launch, "stderr") == "and its stderr\n"
    assert k.text(main) == "main\n"
    # In the child the job is not recorded any more, in the parent it still is.
    assert k.value("jobs['forks'].stdout") == "before\nchild ended with 0\n"


def test_a_program_whose_output_is_read_prints_nowhere(k: Kernel) -> None:
    """What a program writes goes to the job if the job reads it, and then nowhere else."""
    launch = k.run(
        "%%job --name program\n"
        "said = subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True)\n"
        "print(said.stdout.decode().strip())"
    )
    main = k.run("jobs['program'].wait(30)")
    assert k.value("jobs['program'].stdout") == "42\n"
    assert k.text(launch) == k.text(main) == ""
