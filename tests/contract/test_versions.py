"""A worker with another version of a package: told of where it may do, refused where it may not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import cloudpickle
import ipyparallel
import pytest
from ipyparallel.serialize import can
from ipyparallel.serialize.canning import CannedObject

from nbjobs import JobError, JobManager
from nbjobs.cluster.call import Call
from nbjobs.remote import errors, parcel

LIMIT = 60.0


@contextmanager
def engines_with(cloudpickle_version: str, folder: Path) -> Iterator[ipyparallel.Cluster]:
    """A cluster of one engine that finds cloudpickle with that version first."""
    package = folder / "cloudpickle"
    shutil.copytree(Path(cloudpickle.__file__).parent, package)
    init = package / "__init__.py"
    text, count = re.subn(
        r'__version__ = ".*"', f'__version__ = "{cloudpickle_version}"', init.read_text()
    )
    assert count == 1
    init.write_text(text)
    about = folder / f"cloudpickle-{cloudpickle_version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: cloudpickle\nVersion: {cloudpickle_version}\n"
    )
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *filter(None, sys.path)])
    cluster = ipyparallel.Cluster(n=1, profile="other", log_level=40)
    cluster.start_cluster_sync()
    try:
        yield cluster
    finally:
        cluster.stop_cluster_sync()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set in the environment is taken back."""
    monkeypatch.setenv("PYTHONPATH", "")


def test_refused(jobs: JobManager, tmp_path: Path) -> None:
    """With another minor version code cannot travel; the error says which and where."""
    jobs.engines.cluster_timeout = LIMIT
    with engines_with("1.0.0", tmp_path) as cluster:
        here = parcel.VERSIONS["cloudpickle"]
        job = jobs.options(on=cluster).submit(pow, 2, 5)
        says = f"the worker has cloudpickle 1.0 and the kernel has {here}: code cannot travel"
        with pytest.raises(JobError, match=re.escape(says)):
            job.get(LIMIT)
        with pytest.raises(JobError, match=re.escape(says)):
            jobs.map(abs, [-1, -2], on=cluster, workers=1).get(LIMIT)
        jobs.close(5)


def test_told(jobs: JobManager, tmp_path: Path) -> None:
    """With another patch it runs, and the first job there says so."""
    jobs.engines.cluster_timeout = LIMIT
    other = f"{parcel.VERSIONS['cloudpickle']}.99"
    with engines_with(other, tmp_path) as cluster:
        first, second = (jobs.options(on=cluster).submit(pow, 2, n) for n in (5, 6))
        assert (first.get(LIMIT), second.get(LIMIT)) == (32, 64)
        here = version("cloudpickle")
        assert f"has other versions: cloudpickle {other} there and {here} here" in first.stderr
        assert second.stderr == ""
        jobs.close(5)


def test_engines_of_another_python_can_read_what_is_called() -> None:
    """It goes by its name: a function's code, which only the same Python can read, would not do."""
    assert not isinstance(can(Call("engineside", "run")), CannedObject)
    assert isinstance(can(test_told), CannedObject)


def other_python() -> str | None:
    """Another Python that has all that an engine needs."""
    for minor in range(11, 20):
        path = shutil.which(f"python3.{minor}") if minor != sys.version_info[1] else None
        if path is not None:
            tried = subprocess.run(
                [path, "-c", "import nbjobs.cluster.engineside, ipyparallel"],
                capture_output=True,
                check=False,
            )
            if not tried.returncode:
                return path
    return None


def test_another_python(jobs: JobManager) -> None:
    """Its engine says which it has, before it reads anything of the job."""
    python = other_python()
    if python is None:
        pytest.skip("there is no other Python with nbjobs and ipyparallel here")
    jobs.engines.cluster_timeout = LIMIT
    cluster = ipyparallel.Cluster(n=1, profile="another", log_level=40)
    cluster.config.LocalEngineLauncher.engine_cmd = [python, "-m", "ipyparallel.engine"]
    cluster.start_cluster_sync()
    try:
        job = jobs.options(on=cluster).submit(pow, 2, 5)
        with pytest.raises(JobError, match="compiled code cannot travel between them"):
            job.get(LIMIT)
        jobs.close(5)
    finally:
        cluster.stop_cluster_sync()


def test_what_is_said_of_another_python() -> None:
    """The error names both."""
    told = errors.other_versions({"Python": "2.7", "cloudpickle": "3.1"})
    assert f"the worker has Python {parcel.VERSIONS['Python']} and the kernel has 2.7" in str(told)
