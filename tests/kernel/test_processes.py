"""Worker processes of a real kernel: none outlives it, however it ends."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import psutil
import pytest

from iopub import LIMIT, Kernel, kernel

CELL = r"""
def work():
    import os, subprocess, time
    child = subprocess.Popen(['sleep', '600'], start_new_session=True)
    os.write(1, f'{{os.getpid()}} {{child.pid}}\n'.encode())
    {}
job = jobs.options(on='process').submit(work)
"""


def started(k: Kernel, code: str) -> set[int]:
    """Start a job that starts a program; the numbers of both, and of the guardian."""
    k.run("%load_ext nbjobs")
    k.run(CELL.format(code))
    end = time.monotonic() + LIMIT
    while len(numbers := k.value("job.stdout").split()) < 2:
        assert time.monotonic() < end
    found = {int(number) for number in numbers}
    parent = psutil.Process(psutil.Process(int(numbers[0])).ppid())
    found |= {each.pid for each in parent.children()}
    assert len(found) >= 3
    return found


def gone(pids: set[int]) -> None:
    """Wait until none of the processes runs."""
    end = time.monotonic() + LIMIT
    while left := [pid for pid in pids if psutil.pid_exists(pid) and _runs(pid)]:
        assert time.monotonic() < end, [psutil.Process(pid).cmdline() for pid in left]
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kill_it(k: Kernel) -> None:
    """`kill -9`."""
    os.kill(k.value("__import__('os').getpid()"), signal.SIGKILL)


def shut_down(k: Kernel) -> None:
    """As the user does it."""
    k.manager.shutdown_kernel()


@pytest.mark.parametrize("end", [kill_it, shut_down])
@pytest.mark.parametrize("code", ["time.sleep(600)", "sum(range(10**13))"])
def test_nothing_outlives_the_kernel(code: str, end: Callable[[Kernel], None]) -> None:
    """Neither a worker that sleeps, nor one that holds its interpreter, nor what it started."""
    with kernel() as k:
        pids = started(k, code)
        end(k)
        gone(pids)


def test_an_interrupt_leaves_workers_alone() -> None:
    """The cell is interrupted, and the job goes on."""
    with kernel() as k:
        started(k, "time.sleep(600)")
        cell = k.send("import time; print('in', flush=True); time.sleep(600)")
        k.until(lambda: "in" in k.text(cell))
        k.manager.interrupt_kernel()
        k.finish(cell)
        assert k.value("job.state.value") == "running"
        assert k.value("job.kill(60).value") == "killed"


def test_inline_in_a_kernel() -> None:
    """Code that awaits works there too, %debug finds the error, and Ctrl-C ends job and cell."""
    with kernel() as k:
        k.run("%load_ext nbjobs")
        k.run("%%job --on inline --name waits\nimport asyncio\nawait asyncio.sleep(0.01)\n42")
        assert k.value("jobs['waits'].result") == 42
        k.run("%job --on inline --name fails 1 / 0")
        assert k.value("__import__('sys').last_value is jobs['fails'].exception") is True
        cell = k.send("%job --on inline --name slow print('in') or __import__('time').sleep(600)")
        k.until(lambda: "in" in k.panel(cell) if k.of(cell, "display_data") else False)
        k.manager.interrupt_kernel()
        k.finish(cell)
        assert k.of(cell, "error")[0]["content"]["ename"] == "KeyboardInterrupt"
        assert k.value("jobs['slow'].state.value") == "killed"


def test_figures_and_displays_come_back() -> None:
    """A figure drawn in a worker is a picture of the job's, and so is a value."""
    with kernel() as k:
        k.run("%load_ext nbjobs")
        k.run(
            "%%job --on process --name drawn\n"
            "import matplotlib.pyplot as plt\n"
            "plt.plot([1, 2, 3])\n"
            "%time x = 5\n"
            "x"
        )
        k.run("jobs['drawn'].get(60)")
        outputs = k.value("jobs['drawn'].outputs")
        kinds = [sorted(each.get("data", {})) for each in outputs]
        assert ["image/png", "text/plain"] in kinds, outputs
        assert "Wall time" in k.value("jobs['drawn'].stdout")
