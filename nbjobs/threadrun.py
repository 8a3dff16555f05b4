"""A job's call in a thread of this process, as its killers see it."""

from __future__ import annotations

import threading

from . import killing
from .job import Job


class ThreadRun:
    """A job's call in a thread of ours."""

    __slots__ = ("gate", "ident", "native_id")

    def __init__(self, job: Job) -> None:
        self.gate = killing.Gate(job)
        self.ident = threading.get_ident()
        self.native_id = threading.get_native_id()

    def kill(self, *, force: bool) -> None:
        """Ask for the end of the call; the asking goes on until it has ended."""
        killing.kill(self.gate, force=force)

    def blocked_in(self) -> str | None:
        """Where the call is right now."""
        return killing.blocked_in(self.gate)


def run_here(job: Job) -> None:
    """Run `job` in this thread, to its end."""
    run = ThreadRun(job)
    call = job.begin(run)
    if call is None:
        return
    outcome = run.gate.run(call)
    job.finish(outcome.value, outcome.error, killed=run.gate.was_killed(outcome))
    # The frames of an error lead back to this one, and would keep themselves alive.
    del outcome
