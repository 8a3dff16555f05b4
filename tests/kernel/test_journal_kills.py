"""Kernels killed in the middle of their work, and several that write to one journal at once."""

import random
import time
from pathlib import Path

import pytest

from iopub import kernel
from killedkernels import Doomed, faults_of, integrity
from nbjobs.journal.history import History, Reader
from nbjobs.journal.query import Query

LIMIT = 60.0


@pytest.fixture
def journal(tmp_path: Path, monkeypatch) -> Path:
    """The journal of a profile of the test's own."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    return tmp_path / "profile_default" / "nbjobs.sqlite"


def test_killed_kernels(tmp_path: Path, journal: Path) -> None:
    """What ended more than 250 ms before is there whole, and the rest is lost, or never was."""
    rng = random.Random(11)
    promised = 0
    for _ in range(5):
        doomed = Doomed(tmp_path, rng)
        doomed.run()
        faults, count = faults_of(doomed, journal)
        assert not faults
        promised += count
        assert integrity(journal) == "ok"
    assert promised > 0


def test_four_kernels_at_once(journal: Path) -> None:
    """Each one's jobs are all there, under its own session."""
    with kernel() as one, kernel() as two, kernel() as three, kernel() as four:
        cells = []
        for number, each in enumerate([one, two, three, four]):
            each.run("%load_ext nbjobs")
            code = f"for n in range(100): jobs.submit(divmod, {number} * 1000 + n, 1)"
            cells.append((each, each.send(f"{code}\nassert jobs.wait(timeout=60)")))
        for each, cell in cells:
            each.finish(cell)
            assert not each.of(cell, "error")
        assert each.value("len(jobs.history())") <= 400
        for each, _ in cells:
            each.run("jobs.history()")
    kept: dict[int, set[int]] = {}
    for record in History(Reader(journal), Query()):
        kept.setdefault(record.session, set()).add(record.result[0])
    assert sorted(map(sorted, kept.values())) == [
        list(range(first, first + 100)) for first in (0, 1000, 2000, 3000)
    ]
    assert integrity(journal) == "ok"


def test_a_killed_kernel_in_a_notebook(journal: Path) -> None:
    """The next kernel says so where nbjobs is loaded, or soon after, and shows what there was."""
    with kernel() as first:
        first.run("%load_ext nbjobs")
        first.run("%job print('so far') or 6 * 7")
        first.run("import threading\nj = %job threading.Event().wait()")
        first.run("jobs.wait(0)\nwhile len(jobs.history(state='running')) != 1: pass")
        first.manager.signal_kernel(9)
    with kernel() as second:
        told = second.text(second.run("%load_ext nbjobs"), "stderr")
        end = time.monotonic() + LIMIT
        while not told and time.monotonic() < end:
            # The cell does not wait for long, and the machine may be busy.
            told = second.text(second.run("pass"), "stderr")
        assert "of its 2 jobs, 1 had ended and 1 was lost" in told
        cell = second.run("%jobs history --last")
        page = second.of(cell, "display_data")[0]["content"]["data"]["text/html"]
        assert "lost" in page
        assert "42" in page
        cell = second.run("jobs.history()[1].show()")
        assert second.text(cell) == "so far\n"
        assert second.value("jobs.history()[1].result") == 42
