"""Where clusters are to be found: profiles, addresses, connection files, and objects."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ipyparallel
import psutil
import pytest
from distributed import LocalCluster

import clusters
from nbjobs import JobError, JobManager
from waiting import until

LIMIT = 60.0

# What `ssh HOST COMMAND...` and `scp FROM TO` do, where the other machine is this one.
SSH = """#!/bin/sh
while :; do case $1 in -p) shift 2;; -*) shift;; *) break;; esac; done
echo "$1" >> "{log}"
shift
[ "$1" = -- ] && shift
exec sh -c "$*"
"""
SCP = """#!/bin/sh
from=${1#127.0.0.1:}; to=${2#127.0.0.1:}
[ "$from" -ef "$to" ] || cp "$from" "$to"
"""

CONFIG = """
c = get_config()
c.Cluster.engine_launcher_class = "ssh"
c.Cluster.controller_ip = "127.0.0.1"
c.SSHEngineSetLauncher.engines = {{"127.0.0.1": 1}}
c.SSHLauncher.ssh_cmd = [{ssh!r}]
c.SSHLauncher.scp_cmd = [{scp!r}]
c.SSHLauncher.remote_python = {python!r}
"""


@pytest.fixture
def ipython_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where profiles are looked for; clusters that are started then know the tests' helpers."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    return tmp_path


@contextmanager
def ipcluster(profile: str) -> Iterator[None]:
    """A cluster of one engine, started in the profile by the command, and ended at the end."""
    command = [sys.executable, "-m", "ipyparallel.cluster", "start", "-n", "1"]
    process = subprocess.Popen(
        [*command, f"--profile={profile}", "--log-level=ERROR"],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        descendants = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        process.wait(LIMIT)
        _, left = psutil.wait_procs(descendants, LIMIT)
        assert not left


def test_profile(jobs: JobManager, ipython_folder: Path) -> None:
    """`ipcluster start` in a profile, whose name is all that has to be said here."""
    jobs.engines.cluster_timeout = LIMIT
    with ipcluster("near"):
        file = ipython_folder / "profile_near" / "security" / "ipcontroller-client.json"
        until(file.exists)
        assert jobs.options(on="ipyparallel:near").submit(os.getpid).get(LIMIT) != os.getpid()
        assert jobs.options(on=str(file)).submit(pow, 2, 5).get(LIMIT) == 32
        jobs.close(5)


@pytest.mark.skipif(os.name != "posix", reason="the commands are shell scripts")
def test_ssh_launcher(jobs: JobManager, ipython_folder: Path) -> None:
    """A profile whose engines are started by ipyparallel's launcher for SSH."""
    jobs.engines.cluster_timeout = LIMIT
    log = ipython_folder / "hosts"
    ssh, scp = ipython_folder / "ssh", ipython_folder / "scp"
    ssh.write_text(SSH.replace("{log}", str(log)))
    scp.write_text(SCP)
    for command in (ssh, scp):
        command.chmod(0o700)
    folder = ipython_folder / "profile_far"
    folder.mkdir()
    (folder / "ipcluster_config.py").write_text(
        CONFIG.format(ssh=str(ssh), scp=str(scp), python=sys.executable)
    )
    cluster = ipyparallel.Cluster(profile="far", cluster_id="remote", log_level=40)
    cluster.start_cluster_sync()
    try:
        job = jobs.options(on="ipyparallel:far/remote").submit(
            lambda: print("on an engine") or os.getpid()
        )
        engine = psutil.Process(job.get(LIMIT))
        assert job.stdout == "on an engine\n"
        assert set(log.read_text().split()) == {"127.0.0.1"}
        jobs.close(5)
    finally:
        cluster.stop_cluster_sync()
    engine.wait(LIMIT)


def test_ipyparallel_cluster(jobs: JobManager, ipython_folder: Path) -> None:
    """A cluster object runs jobs while it runs, and says what to do before that."""
    cluster = ipyparallel.Cluster(n=1, profile="mine", log_level=40)
    with pytest.raises(JobError, match="start_cluster_sync"):
        jobs.options(on=cluster).submit(pow, 2, 5).get(LIMIT)
    cluster.start_cluster_sync()
    try:
        other = JobManager()
        other.engines.cluster_timeout = LIMIT
        assert other.options(on=cluster).submit(pow, 2, 5).get(LIMIT) == 32
        assert other.map(abs, [-1, -2], on=cluster, workers=1).get(LIMIT) == [1, 2]
        other.close(5)
        assert cluster.controller.running
    finally:
        cluster.stop_cluster_sync()


def test_views_on_ipyparallel(jobs: JobManager) -> None:
    """Of a direct view's targets jobs take turns; a load-balanced view's are the only ones used."""
    path = clusters.address("ipyparallel").partition(":")[2]
    with ipyparallel.Client(path) as client:
        client.wait_for_engines(clusters.WORKERS, timeout=LIMIT, interactive=False)
        first, second = client.ids[:2]
        pids = client[[first, second]].apply_sync(os.getpid)
        direct = jobs.options(on=client[[first, second]])
        assert [direct.submit(os.getpid).get(LIMIT) for _ in range(4)] == pids * 2
        assert jobs.options(on=client[second]).submit(os.getpid).get(LIMIT) == pids[1]
        balanced = client.load_balanced_view([second])
        assert (
            jobs.map(lambda n: os.getpid(), range(4), on=balanced, workers=2).get(LIMIT)
            == pids[1:] * 4
        )
        jobs.close(5)


def test_what_of_ipyparallel_is_no_place_for_jobs(jobs: JobManager) -> None:
    """Other objects of ipyparallel's are refused with the kinds that are not."""
    path = clusters.address("ipyparallel").partition(":")[2]
    with ipyparallel.Client(path) as client:
        client.wait_for_engines(clusters.WORKERS, timeout=LIMIT, interactive=False)
        result = client[:].apply_async(os.getpid)
        result.get(LIMIT)
        with pytest.raises(JobError, match="a Client, a Cluster and a view run jobs, not Async"):
            jobs.options(on=result).submit(pow, 2, 5).get(LIMIT)


def test_dask_local_cluster(jobs: JobManager) -> None:
    """A cluster object runs jobs, and stays."""
    with LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as cluster:
        job = jobs.options(on=cluster).submit(os.getpid)
        assert job.get(LIMIT) != os.getpid()
        jobs.close(5)
        assert cluster.status.name == "running"


def test_bare_dask_address(jobs: JobManager) -> None:
    """An address that says how it is reached needs no name of an engine before it."""
    address = clusters.address("dask")
    bare = address.partition(":")[2]
    assert bare.startswith("tcp://")
    assert jobs.options(on=bare).submit(pow, 2, 5).get(LIMIT) == 32
    assert jobs.options(on=address).submit(pow, 2, 6).get(LIMIT) == 64
    assert len(jobs._switchboard._made) == 2  # Threads, and one for both.


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ("tcp://127.0.0.1:1", r"no Dask scheduler can be reached at tcp://127.0.0.1:1 within 1 s"),
        ("tls://127.0.0.1:1", r"no Dask scheduler can be reached at tls://127.0.0.1:1 within 1 s"),
        ("/nowhere/ipcontroller-client.json", r"no ipyparallel cluster can be reached with conn"),
    ],
)
def test_bare_address_where_nothing_is(jobs: JobManager, on: str, says: str) -> None:
    """The error comes in time, and says what to do."""
    jobs.engines.cluster_timeout = 1.0
    with pytest.raises(JobError, match=f"{says}(?s:.)*Start one"):
        jobs.options(on=on).submit(pow, 2, 2).get(LIMIT)
    # What is left of the client makes no noise when it goes.
    gc.collect()
