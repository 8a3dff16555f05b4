"""What is printed while a kernel ends."""

from __future__ import annotations

from pathlib import Path

from iopub import kernel

JOB = """\
import atexit, pathlib
from nbjobs import current_job
job = current_job()
def goodbye():
    print('printed at exit')
    pathlib.Path('at_exit.txt').write_text(f'{current_job()} {job.stdout!r}')
atexit.register(goodbye)
print('registered')
ready.set()
try:
    threading.Event().wait()
finally:
    print('cleaned up')
"""


def test_printing_at_exit(tmp_path: Path) -> None:
    """A job's atexit function belongs to no job by then; the job's `finally` still records."""
    with kernel() as k:
        k.run(f"%cd -q {tmp_path}\n%load_ext nbjobs\nimport threading; ready = threading.Event()")
        k.run(f"%%job\n{JOB}")
        k.run("assert ready.wait(30)")
        k.manager.shutdown_kernel()
        assert (tmp_path / "at_exit.txt").read_text() == "None 'registered\\ncleaned up\\n'"
