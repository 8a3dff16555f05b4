"""Jobs in the thread that submits them, at once: for debugging.

Nothing else can run there meanwhile, so a job that waits for others is waited for, too.
"""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
from functools import partial
from typing import Any

from ..coderun import CodeRun
from ..engines import EngineSettings
from ..job import Job
from ..threadrun import ThreadRun
from ..threads import ServiceThread
from ..workers import Worker

Ready = queue.SimpleQueue[Job | None]


class InlineExecutor:
    """Runs each job in the thread that has submitted it, before `submit` returns."""

    name = "inline"

    def __init__(self, settings: EngineSettings, on: Any) -> None:
        # What is ready to run, by the job that its submitter attends: itself, or its group.
        self._lines: dict[Job, Ready] = {}
        self._lock = threading.Lock()

    def start(self, job: Job) -> None:
        """Have `job` run by whoever attends to it."""
        root = job.group if isinstance(job, Worker) else job
        if not root.state.finished:
            self._line(root).put(job)

    def attend(self, job: Job) -> None:
        """Run `job`, or the workers of a group, as they get ready, until it has ended.

        Raises:
            KeyboardInterrupt: The user has interrupted the job, which has ended as killed.
        """
        line = self._line(job)
        # It may end without ever getting ready: cancelled, or skipped.
        job.future.add_done_callback(lambda _: line.put(None))
        interrupted: KeyboardInterrupt | None = None
        try:
            while not job.state.finished:
                try:
                    ready = line.get()
                    if ready is not None:
                        interrupted = interrupted or _begin(ready)
                except KeyboardInterrupt as interrupt:
                    interrupted = interrupt
                if interrupted is not None:
                    job.ask_to_end()
        finally:
            with self._lock:
                self._lines.pop(job, None)
        if interrupted is not None:
            raise interrupted

    def close(self, timeout: float) -> None:
        """Nothing is held."""

    def _line(self, job: Job) -> Ready:
        with self._lock:
            return self._lines.setdefault(job, queue.SimpleQueue())


def _begin(job: Job) -> KeyboardInterrupt | None:
    """Run `job`, here if that is possible; returns the interrupt if the user has ended it."""
    call = None if job.task is None else job.task.call
    if isinstance(call, CodeRun) and call.awaits and _in_a_loop():
        # A kernel runs cells inside its event loop, and no loop runs inside another. Whoever
        # attends to the job is told of its end.
        ServiceThread(partial(_run_apart, job), f"nbjobs-job-{job.num}").start()
        return None
    return _run_here(job)


def _run_apart(job: Job) -> None:
    _run_here(job)


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _run_here(job: Job) -> KeyboardInterrupt | None:
    """Run `job` in this thread; returns the interrupt if the user has ended it."""
    run = ThreadRun(job)
    call = job.begin(run)
    if call is None:
        return None
    outcome = run.gate.run(call)
    error = outcome.error
    interrupt = error if isinstance(error, KeyboardInterrupt) else None
    killed = interrupt is not None or run.gate.was_killed(outcome)
    job.finish(outcome.value, error, killed=killed)
    del outcome
    if error is not None and not killed:
        # Where %debug and pdb.pm() look.
        last = {"type": type(error), "value": error, "traceback": error.__traceback__, "exc": error}
        vars(sys).update({f"last_{name}": value for name, value in last.items()})
    return interrupt
