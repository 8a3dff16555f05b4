"""What clusters do when something goes wrong; on the real ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client as DaskClient
from ipyparallel import Client as EngineClient

import clusters
import contract_work as work
from nbjobs import JobError, JobKilled, JobManager, JobState
from nbjobs.cluster import terms, worker
from nbjobs.cluster.link import differences
from nbjobs.killing import processes
from waiting import until

KINDS = ("ipyparallel", "dask")
LIMIT = 60.0

KERNEL = """
import sys, time
from nbjobs import JobManager
from contract_work import announce_and_sleep
jobs = JobManager()
jobs.engines.processes = 1
job = jobs.options(on=sys.argv[1]).submit(announce_and_sleep, 600)
while not job.stdout:
    time.sleep(0.01)
keeper = jobs._switchboard._made[sys.argv[1]]._link.keeper
print(keeper.pid, *[each.pid for each in keeper.kept], flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_dead_worker(kind: str, jobs: JobManager, tmp_path: Path) -> None:
    """A job whose worker is killed -9 is begun again on another, and says so."""
    job = jobs.options(on=clusters.address(kind)).submit(work.die_once, str(tmp_path))
    # What is said right before a process is killed may be lost with it.
    until(lambda: job.state.started)
    Path(tmp_path, "go").touch()
    assert job.get(LIMIT) == "second"
    assert "was lost; begun again on" in job.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_unreachable(kind: str, jobs: JobManager) -> None:
    """A cluster that is not there is an error within its time, which says what to do."""
    jobs.engines.cluster_timeout = 1.0
    where = {"ipyparallel": "/nowhere/ipcontroller-client.json", "dask": "tcp://127.0.0.1:1"}[kind]
    job = jobs.options(on=f"{kind}:{where}").submit(pow, 2, 2)
    with pytest.raises(JobError, match=r"can be reached (?s:.)*Start one"):
        job.get(LIMIT)


@pytest.mark.parametrize("kind", KINDS)
def test_missing_module(
    kind: str, jobs: JobManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module that is only here is named."""
    Path(tmp_path, "only_here_nbjobs.py").write_text("def f():\n    return 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import only_here_nbjobs

    job = jobs.options(on=clusters.address(kind)).submit(only_here_nbjobs.f)
    with pytest.raises(JobError, match="No module named 'only_here_nbjobs'"):
        job.get(LIMIT)


@pytest.mark.parametrize("kind", KINDS)
def test_waiting_job_is_cancelled(kind: str, jobs: JobManager, tmp_path: Path) -> None:
    """A job that waits for a worker is cancelled, and never runs."""
    address = clusters.address(kind)
    if kind == "dask":
        # One that another test has killed may not be back; Dask would give both to the other.
        with DaskClient(address.partition(":")[2], set_as_default=False) as client:
            client.wait_for_workers(clusters.WORKERS, timeout=LIMIT)
    on = jobs.options(on=address)
    busy = [on.submit(work.announce_and_sleep, LIMIT) for _ in range(clusters.WORKERS)]
    until(lambda: all(job.stdout for job in busy))
    waiting = on.submit(work.fail_until, str(tmp_path), 0)
    until(lambda: waiting.state is JobState.QUEUED)
    waiting.kill()
    assert waiting.state is JobState.CANCELLED
    for job in busy:
        job.kill()
        with pytest.raises(JobKilled):
            job.get(LIMIT)
    assert on.submit(pow, 2, 2).get(LIMIT) == 4
    assert not list(tmp_path.iterdir())


def test_a_worker_that_dask_gives_up_is_replaced(
    jobs: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster of our own has as many workers again when one has gone for good."""
    monkeypatch.setenv("DASK_DISTRIBUTED__DEPLOY__LOST_WORKER_TIMEOUT", "1s")
    jobs.engines.processes = 1
    on = jobs.options(on="dask")
    first = on.submit(os.getpid).get(LIMIT)
    scheduler = jobs._switchboard._made["dask"]._link.keeper.address

    async def give_up(dask_worker: Any) -> None:
        dask_worker._ongoing_background_tasks.call_soon(dask_worker.close)

    with DaskClient(scheduler, set_as_default=False) as client:
        client.run(give_up, nanny=True)
    assert on.submit(os.getpid).get(LIMIT) != first


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_of_a_killed_kernel(kind: str) -> None:
    """A cluster that was started for a kernel ends with it, even by kill -9."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    kernel = subprocess.Popen(
        [sys.executable, "-c", KERNEL, kind], stdout=subprocess.PIPE, text=True, env=env
    )
    assert kernel.stdout is not None
    with kernel.stdout as lines:
        kept = [processes.Process.of(int(pid)) for pid in lines.readline().split()]
        assert len(kept) > 1
        assert all(each is not None and each.alive for each in kept)
        kernel.send_signal(signal.SIGKILL)
        kernel.wait()
    until(lambda: not any(each.alive for each in kept if each is not None))


@pytest.mark.parametrize("kind", KINDS)
def test_lost_cluster(kind: str, jobs: JobManager) -> None:
    """When a whole cluster is killed -9 its jobs fail, soon, and nothing of it is left."""
    jobs.engines.processes = 1
    job = jobs.options(on=kind).submit(work.announce_and_sleep, 600)
    until(lambda: job.stdout or job.state.finished)
    keeper = jobs._switchboard._made[kind]._link.keeper
    # Also those that were started since the cluster was said to be there.
    cluster = psutil.Process(keeper.pid).children(recursive=True)
    os.kill(keeper.pid, signal.SIGKILL)
    with pytest.raises(JobError, match=r"has ended|is lost"):
        job.get(LIMIT)
    _, left = psutil.wait_procs(cluster, LIMIT)
    assert not left
    until(lambda: not Path(keeper.folder).exists())


def test_ipyparallel_objects(jobs: JobManager) -> None:
    """A client and its views run jobs, and stay open."""
    path = clusters.address("ipyparallel").partition(":")[2]
    with EngineClient(path) as client:
        first = client.ids[0]
        for on in (client, client.load_balanced_view(), client[first], client[[first]]):
            assert jobs.options(on=on).submit(pow, 2, 5).get(LIMIT) == 32
        jobs.close(5)
        assert client[first].apply_sync(pow, 2, 3) == 8


def test_dask_objects(jobs: JobManager) -> None:
    """A client runs jobs, and stays open; its task's key is the job's future's."""
    address = clusters.address("dask").partition(":")[2]
    with DaskClient(address, set_as_default=False) as client:
        job = jobs.options(on=client).submit(pow, 2, 5)
        assert job.get(LIMIT) == 32
        assert job.future.key.startswith("nbjobs-")
        jobs.close(5)
        assert client.submit(pow, 2, 3).result(LIMIT) == 8


def test_another_python() -> None:
    """A worker with another Python refuses, before it unpacks anything."""
    with pytest.raises(JobError, match="compiled code cannot travel between them"):
        worker.prepare((False, (3, 0)))


def test_other_versions() -> None:
    """Other versions of packages are told, and the same ones are not."""
    here = terms.about()
    assert differences(here) == ""
    assert "nbjobs 0.0 there" in differences({**here, "nbjobs": "0.0"})
