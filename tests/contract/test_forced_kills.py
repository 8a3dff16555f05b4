"""A forced kill of a job in C code, which nothing can cut, ends its worker; the cluster goes on."""

from __future__ import annotations

from pathlib import Path

import ipyparallel
import psutil
import pytest

import clusters
import contract_work as work
from nbjobs import JobError, JobKilled, JobManager, JobState
from waiting import begun, until

KINDS = ("ipyparallel", "dask")
LIMIT = 60.0


@pytest.mark.parametrize("kind", KINDS)
def test_forced_kill_in_c(kind: str, jobs: JobManager, tmp_path: Path) -> None:
    """The worker is ended and the job with it; it is not begun again, and the next job runs."""
    on = jobs.options(on=clusters.address(kind))
    job = on.submit(work.count_in_c, str(tmp_path))
    begun(job)
    (tmp_path / "go").touch()
    until((tmp_path / "pid").exists)
    process = psutil.Process(int((tmp_path / "pid").read_text()))
    (tmp_path / "pid").unlink()
    job.kill()
    assert job.state is JobState.KILLING
    job.kill(force=True)
    with pytest.raises(JobKilled):
        job.get(LIMIT)
    assert job.state is JobState.KILLED
    process.wait(LIMIT)
    # Twice: were it begun again it would be before these.
    assert [on.submit(pow, 2, n).get(LIMIT) for n in range(clusters.WORKERS)] == [1, 2]
    assert not (tmp_path / "pid").exists()


def test_c_from_the_first_step_on_ipyparallel(jobs: JobManager) -> None:
    """A job that is nothing but one call of C has begun here, too; on ipyparallel for certain."""
    on = jobs.options(on=clusters.address("ipyparallel"))
    job = on.submit(sum, range(10**12))
    begun(job)
    job.kill(force=True)
    with pytest.raises(JobKilled):
        job.get(LIMIT)
    assert on.submit(pow, 2, 5).get(LIMIT) == 32


def test_an_ipyparallel_engine_that_fails_is_not_waited_for(jobs: JobManager) -> None:
    """What cannot run on the only engine there is fails, and is not kept for another engine."""
    path = clusters.address("ipyparallel").partition(":")[2]
    with ipyparallel.Client(path) as client:
        client.wait_for_engines(clusters.WORKERS, timeout=LIMIT, interactive=False)
        view = client.load_balanced_view([client.ids[0]])
        broken = client[[client.ids[0]]]
        # As where nbjobs is not installed.
        hide = "import sys; sys.modules['nbjobs.cluster.engineside'] = None"
        broken.execute(hide, block=True)
        try:
            job = jobs.options(on=view).submit(pow, 2, 5)
            with pytest.raises(JobError, match=r"engine \d+ cannot run jobs.*pip install"):
                job.get(LIMIT)
        finally:
            broken.execute("del sys.modules['nbjobs.cluster.engineside']", block=True)
        assert jobs.options(on=view).submit(pow, 2, 5).get(LIMIT) == 32
        jobs.close(5)


@pytest.mark.parametrize("kind", KINDS)
def test_forced_kill_spares_others(kind: str, jobs: JobManager, tmp_path: Path) -> None:
    """A job on another worker runs on; one that waits for a worker is run by the rest."""
    on = jobs.options(on=clusters.address(kind))
    other = on.submit(work.announce_and_sleep, LIMIT)
    until(lambda: other.stdout)
    stuck = on.submit(work.count_in_c, str(tmp_path))
    begun(stuck)
    (tmp_path / "go").touch()
    until((tmp_path / "pid").exists)
    waiting = on.submit(pow, 2, 5)
    stuck.kill(force=True)
    with pytest.raises(JobKilled):
        stuck.get(LIMIT)
    assert waiting.get(LIMIT) == 32
    assert other.state is JobState.RUNNING
    assert psutil.pid_exists(int(other.stdout))
    other.kill()
    with pytest.raises(JobKilled):
        other.get(LIMIT)


def test_forced_kill_of_a_map_on_ipyparallel(jobs: JobManager, tmp_path: Path) -> None:
    """All its workers are ended where that is needed, and the cluster goes on.

    Not on Dask, where a worker that has not said that a task has begun may never say so.
    """
    on = clusters.address("ipyparallel")
    (tmp_path / "go").touch()
    group = jobs.map(work.count_in_c, [str(tmp_path)], on=on, workers=1)
    until((tmp_path / "pid").exists)
    group.kill(force=True)
    with pytest.raises(JobKilled):
        group.get(LIMIT)
    assert jobs.options(on=on).submit(pow, 2, 5).get(LIMIT) == 32
