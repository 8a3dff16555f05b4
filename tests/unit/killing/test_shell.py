"""Commands that a cell runs in a shell end with their job, whole trees of them."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from nbjobs import JobManager, JobState
from nbjobs.killing.processes import Process

from .victim import LIMIT, until

COMMAND = "sleep 60 & echo $! > {file}; wait"
CELLS = {
    "exclamation mark": "!" + COMMAND,
    "captured": "lines = !" + COMMAND,
    "bash cell": "get_ipython().run_cell_magic('bash', '', '" + COMMAND + "')",
}


# When a command is interrupted, IPython leaves it to the garbage collector to close its pipes.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", CELLS if sys.platform.startswith("linux") else [])
def test_a_command_of_a_cell_ends(
    shell: InteractiveShell,
    run: Callable[[str], object],
    tmp_path: Path,
    name: str,
) -> None:
    """The job is killed while its command runs, and no process of it is left."""
    jobs = shell.user_ns["jobs"]
    assert isinstance(jobs, JobManager)
    file = tmp_path / "pid"
    run("%%job --silent\n" + CELLS[name].format(file=file))
    (job,) = jobs
    until(lambda: file.exists() and file.read_text().strip() != "")
    pid = int(file.read_text())
    assert Process.of(pid) is not None
    job.kill(LIMIT)
    assert job.state is JobState.KILLED
    until(lambda: Process.of(pid) is None)
    _end_script_loop(shell)
    del job
    jobs.flush()
    gc.collect()


def _end_script_loop(shell: InteractiveShell) -> None:
    """IPython keeps a thread with an event loop for `%%bash`, for good; end it here."""
    loop = shell.magics_manager.registry["ScriptMagics"].event_loop
    if loop is not None:
        until(lambda: not asyncio.all_tasks(loop))
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.05), loop).result(LIMIT)
        loop.call_soon_threadsafe(loop.stop)
        until(lambda: not loop.is_running())
        loop.close()
