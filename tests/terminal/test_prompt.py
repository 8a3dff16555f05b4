"""A user at a terminal: IPython in a pseudo-terminal, typed into."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

LIMIT = 60


@pytest.fixture
def ipython(tmp_path: Path) -> Iterator[pexpect.spawn]:
    """IPython with nbjobs loaded, at its second prompt."""
    environment = {
        **os.environ,
        "IPYTHONDIR": str(tmp_path),
        "TERM": "dumb",
        "PROMPT_TOOLKIT_NO_CPR": "1",
    }
    options = ["-m", "IPython", "--no-banner", "--simple-prompt", "--no-term-title"]
    child = pexpect.spawn(
        sys.executable,
        [*options, "--no-confirm-exit", "--ext=nbjobs"],
        env=environment,
        encoding="utf-8",
        timeout=LIMIT,
        dimensions=(40, 120),
    )
    child.expect(r"In \[1\]: ")
    yield child
    if child.isalive():
        child.sendline("exit")
        child.expect(pexpect.EOF)
    child.close(force=True)


def ask(child: pexpect.spawn, line: str) -> str:
    """Type a line; returns what came before the next prompt."""
    child.sendline(line)
    child.expect(r"In \[\d+\]: ")
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", child.before)


def test_a_session(ipython: pexpect.spawn) -> None:
    """Start, look, kill, read the report: as a user would."""
    ask(ipython, "import time")
    assert "Job 0 [" in ask(ipython, "%job time.sleep(600)")
    ask(ipython, "%job -n quick 6 * 7")
    ask(ipython, "jobs.wait('quick')")
    table = ask(ipython, "%jobs list")
    assert re.search(r"0\s+time.sleep\(600\)\s+running", table)
    assert re.search(r"1\s+quick\s+succeeded\s.*42", table)
    assert "job 0 killed after" in ask(ipython, "%jobs kill 0")
    assert "unknown option" in ask(ipython, "%job --frob 1")


def test_ctrl_c_interrupts_the_wait_not_the_job(ipython: pexpect.spawn) -> None:
    """Interrupting `jobs.wait()` comes back to the prompt; the job goes on."""
    ask(ipython, "import threading; go = threading.Event()")
    ask(ipython, "j = %job go.wait() and 42")
    ipython.sendline("print('waiting'); jobs.wait()")
    ipython.expect(r"waiting\r\n")
    ipython.sendintr()
    ipython.expect("KeyboardInterrupt")
    ipython.expect(r"In \[\d+\]: ")
    assert "running" in ask(ipython, "j.state")
    assert "42" in ask(ipython, "go.set(); j.get(30)")


def test_exit_with_running_jobs(ipython: pexpect.spawn, tmp_path: Path) -> None:
    """`exit` ends at once although jobs run, and their `finally` blocks run."""
    marker = tmp_path / "cleaned"
    ask(ipython, "import threading, pathlib, time")
    ask(ipython, "def work():\r    try: time.sleep(600)\r    finally: pathlib.Path(mark).touch()\r")
    ask(ipython, f"mark = {str(marker)!r}")
    ask(ipython, "j = %job work()")
    ask(ipython, "while not j.started: pass")
    ipython.sendline("exit")
    ipython.expect(pexpect.EOF)
    assert marker.exists()
