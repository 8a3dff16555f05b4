"""What is printed while the interpreter ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """\
%load_ext nbjobs
import atexit, sys, threading
ready = threading.Event()
def register():
    atexit.register(print, 'printed at exit')
    atexit.register(print, 'and to stderr', file=sys.stderr)
    print('registered')
def work():
    ready.set()
    try:
        threading.Event().wait()
    finally:
        print('cleaned up')
jobs.submit(register).wait(30)
jobs.submit(work)
assert ready.wait(30)
"""


def test_printing_at_exit(tmp_path: Path) -> None:
    """A job's `finally` prints as the job, its atexit functions to the terminal; no error comes."""
    script = tmp_path / "script.ipy"
    script.write_text(SCRIPT)
    ended = subprocess.run(
        [sys.executable, "-m", "IPython", "--quick", "--simple-prompt", str(script)],
        env={**os.environ, "IPYTHONDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert ended.stdout.splitlines() == ["[0] registered", "[1] cleaned up", "printed at exit"]
    assert ended.stderr.splitlines() == ["and to stderr"]
