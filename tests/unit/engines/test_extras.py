"""Without an extra everything else works, and the error says what to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import nbjobs

LIMIT = 60.0

START = """
import sys
sys.path[:] = [path for path in sys.path if "site-packages" not in path] + [{packages!r}]
from nbjobs import JobManager, MissingExtra
"""

ON = """
with JobManager() as jobs:
    try:
        jobs.options(on={on!r}).submit(abs, 1)
    except MissingExtra as error:
        print(len(jobs), error)
    try:
        jobs.map(abs, [1], on={on!r})
    except MissingExtra as error:
        print(len(jobs), error)
    print(jobs.submit(abs, -1).get(60), jobs.map(abs, [-2], workers=1).get(60))
"""

POOL = """
from concurrent.futures import ProcessPoolExecutor
with JobManager() as jobs, ProcessPoolExecutor(1) as pool:
    try:
        jobs.options(on=pool).submit(abs, 1)
    except MissingExtra as error:
        print(len(jobs), error)
"""

JOURNAL = """
from pathlib import Path
from nbjobs import JobError
from nbjobs.journal.history import History, Reader
from nbjobs.journal.journal import Journal
from nbjobs.journal.options import Keeping
from nbjobs.journal.query import Query
path = Path({path!r})
jobs = JobManager()
journal = Journal(Keeping(path), print)
jobs.subscribe(journal.on_event)
jobs.submit(abs, -1).wait(60)
jobs.submit(lambda: lambda: 1).wait(60)
jobs.close(60)
assert journal.flush(60)
function, number = History(Reader(path), Query())
print(number.result)
try:
    function.result
except JobError as error:
    print(error)
journal.close(60)
"""

MODULES = """
import nbjobs
with nbjobs.JobManager() as jobs:
    jobs.submit(abs, -1).get(60)
print(*sorted(name for name in sys.modules if not name.startswith("_")))
"""


def without(missing: tuple[str, ...], folder: Path, code: str) -> list[str]:
    """The lines that code prints in a Python in which packages are not installed."""
    packages = folder / "packages"
    packages.mkdir()
    for site in {each for each in sys.path if each.endswith("site-packages")}:
        for entry in Path(site).iterdir():
            if not entry.name.startswith(missing) and not (packages / entry.name).exists():
                (packages / entry.name).symlink_to(entry)
    if not (packages / "nbjobs").exists():  # Tested from a checkout.
        (packages / "nbjobs").symlink_to(Path(nbjobs.__file__).parent)
    found = subprocess.run(
        [sys.executable, "-c", START.format(packages=str(packages)) + code],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    assert not found.returncode, found.stderr
    return found.stdout.splitlines()


@pytest.mark.parametrize(
    ("missing", "engine"),
    [
        ("cloudpickle", "process"),
        ("cloudpickle", "ipyparallel"),
        ("ipyparallel", "ipyparallel"),
        ("cloudpickle", "dask"),
        ("distributed", "dask"),
    ],
)
def test_engines(missing: str, engine: str, tmp_path: Path) -> None:
    """No job is made, and the error names the package and the extra; threads work."""
    lines = without((missing,), tmp_path, ON.format(on=engine))
    says = f"jobs on {engine} need the package {missing}, which is not installed: "
    assert lines == [f"0 {says}pip install 'nbjobs[{engine}]'"] * 2 + ["1 [2]"]


def test_dask_address(tmp_path: Path) -> None:
    """An address alone says the same."""
    lines = without(("distributed",), tmp_path, ON.format(on="tcp://127.0.0.1:1"))
    assert "the package distributed, which is not installed" in lines[0]
    assert lines[0].endswith("pip install 'nbjobs[dask]'")


def test_pool_of_processes(tmp_path: Path) -> None:
    """So does a pool of the user's."""
    (line,) = without(("cloudpickle",), tmp_path, POOL)
    assert line.startswith("0 jobs on an executor of other processes need the package cloudpickle")
    assert line.endswith("pip install 'nbjobs[process]'")


def test_journal(tmp_path: Path) -> None:
    """The journal keeps all but what needs the package, and says so where a result is asked for."""
    code = JOURNAL.format(path=str(tmp_path / "jobs.sqlite"))
    number, function = without(("cloudpickle",), tmp_path, code)
    assert number == "1"
    assert "needs cloudpickle: pip install 'nbjobs[journal]'" in function


def test_import_is_the_same(tmp_path: Path) -> None:
    """Threads load the same modules with all extras as with none."""
    (everything,) = without(("none is missing",), tmp_path, MODULES)
    (tmp_path / "none").mkdir()
    (bare,) = without(("cloudpickle", "ipyparallel", "distributed"), tmp_path / "none", MODULES)
    assert everything == bare
