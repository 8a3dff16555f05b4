"""Threads of nbjobs' own: daemonic, named, and free of any job's context."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import Context


class ServiceThread(threading.Thread):
    """A daemon thread that runs its target in an empty context.

    Whoever happens to start it, even a job, it belongs to no job: ipykernel's variables, which
    route output to a cell, and ours, which routes it to a job, are both unset in it. (Code that
    hands a job's identity on to the threads it starts must leave these alone.)

    It is a daemon because a kernel waits for other threads before it runs its atexit callbacks,
    and kills the process if that takes more than a few seconds: no callback, no `finally`.
    """

    def __init__(self, target: Callable[[], None], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._body = target

    def run(self) -> None:
        """Run the target, and let go of it."""
        body = self._body
        del self._body
        Context().run(body)
