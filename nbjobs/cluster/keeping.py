"""What a keeper runs: it starts a cluster on this machine, and ends it when the kernel has gone.

The kernel holds the other end of stdin, which closes however the kernel ends. The first line from
there says what to start; lines to stdout say where it is, and which processes belong to it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

LOOK = 0.5
"""How often, in seconds, to look for processes that have ended."""


def main() -> None:
    """Keep one cluster."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told = json.loads(sys.stdin.readline())
    sys.path[:] = told["path"]
    os.environ["PYTHONPATH"] = os.pathsep.join(each for each in told["path"] if each)
    # What the cluster's own code prints is not to get among our lines.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (1, 2):
        os.dup2(nothing, fd)
    folder = tempfile.mkdtemp(prefix="nbjobs-")
    gone = threading.Event()
    threading.Thread(target=_wait_for_end, args=[gone], daemon=True).start()
    try:
        starts: dict[str, Callable[[int, str], tuple[str, Callable[[], None]]]]
        starts = {"ipyparallel": _ipyparallel, "dask": _dask}
        try:
            address, mend = starts[told["kind"]](told["count"], folder)
        except Exception as error:
            _say(answers, error=f"{type(error).__name__}: {error}")
            return
        said: list[int] = []
        while True:
            pids = _pids()
            if pids != said:
                said = pids
                _say(answers, address=address, pids=pids, folder=folder)
            if gone.wait(LOOK):
                break
            mend()
    finally:
        _end_all()
        shutil.rmtree(folder, ignore_errors=True)
        # At once: neither threads nor what the cluster has registered for the exit is to keep it.
        os._exit(0)


def _wait_for_end(gone: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    gone.set()


def _say(answers: TextIO, **content: Any) -> None:
    with suppress(OSError):
        answers.write(json.dumps(content) + "\n")


def _children() -> list[Any]:
    # Not a requirement of nbjobs, but of both clusters.
    import psutil

    return list(psutil.Process().children(recursive=True))


def _pids() -> list[int]:
    return sorted(each.pid for each in _children())


def _end_all() -> None:
    import psutil

    while children := _children():
        for child in children:
            with suppress(psutil.Error):
                child.kill()
        psutil.wait_procs(children, 1)


def _ipyparallel(count: int, folder: str) -> tuple[str, Callable[[], None]]:
    import ipyparallel
    from IPython.core.profiledir import ProfileDir

    ProfileDir.create_profile_dir(folder)
    cluster = ipyparallel.Cluster(n=count, profile_dir=folder, log_level=40)
    cluster.start_cluster_sync()

    def mend() -> None:
        launchers = [e for several in cluster.engines.values() for e in several.launchers.values()]
        missing = count - sum(each.process.is_running() for each in launchers)
        if missing > 0:
            cluster.start_engines_sync(n=missing)

    security = Path(folder, "security")
    return str(security / f"ipcontroller-{cluster.cluster_id}-client.json"), mend


def _dask(count: int, folder: str) -> tuple[str, Callable[[], None]]:
    # Its nannies start another worker when one has ended. But one that is not back in time is given
    # up, with its nanny, and never replaced (dask/distributed#7312): on a busy machine the 15
    # seconds that are usual are too short.
    os.environ.setdefault("DASK_DISTRIBUTED__DEPLOY__LOST_WORKER_TIMEOUT", "60s")
    from distributed import LocalCluster

    start: Any = LocalCluster
    cluster = start(
        n_workers=count,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        local_directory=folder,
        silence_logs=50,
    )

    def mend() -> None:
        if len(cluster.workers) < count:
            cluster.scale(count)

    return cluster.scheduler_address, mend
