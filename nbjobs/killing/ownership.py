"""Which sockets and child processes the code of a job has made.

A kill may cut only what belongs to its job. Both are recorded when they are made, by the job that
is current then, which is right across threads, pools and event loops, as contexts are.
"""

from __future__ import annotations

import functools
import socket
import subprocess
import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from ..context import current
from ..patches import Patch

# Guards the tables. Held for a few operations on them only; never while an object is made.
_lock = threading.Lock()
_sockets: WeakKeyDictionary[Any, WeakSet[socket.socket]] = WeakKeyDictionary()
_processes: WeakKeyDictionary[Any, WeakSet[subprocess.Popen[Any]]] = WeakKeyDictionary()


def _recorder(table: WeakKeyDictionary[Any, WeakSet[Any]]) -> Callable[[Any, Patch], Any]:
    def wrap(original: Callable[..., None], patch: Patch) -> Callable[..., None]:
        @functools.wraps(original)
        def recorded(self: Any, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            job = current.get() if patch.active else None
            if job is not None:
                with _lock:
                    table.setdefault(job, WeakSet()).add(self)

        return recorded

    return wrap


patches = (
    Patch(socket.socket, "__init__", _recorder(_sockets)),
    Patch(subprocess.Popen, "__init__", _recorder(_processes)),
)


def sockets_of(job: Any) -> set[int]:
    """The descriptors of the open sockets that code of `job` has made."""
    with _lock:
        made = list(_sockets.get(job, ())) if job is not None else []
    return {made_socket.fileno() for made_socket in made} - {-1}


def makers_of(descriptor: int) -> list[Any]:
    """The jobs whose code has made the open socket with this descriptor: one, or none."""
    with _lock:
        jobs = list(_sockets)
    return [job for job in jobs if descriptor in sockets_of(job)]


def processes_of(job: Any) -> list[int]:
    """The ids of the child processes of `job` that have not been waited for."""
    with _lock:
        made = list(_processes.get(job, ())) if job is not None else []
    return [process.pid for process in made if process.returncode is None]


def processes_of_others(job: Any) -> set[int]:
    """The ids of the child processes of all jobs but `job` that have not been waited for."""
    with _lock:
        jobs = list(_processes)
    return {pid for other in jobs if other is not job for pid in processes_of(other)}
