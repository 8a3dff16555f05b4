"""Jobs on a `concurrent.futures.Executor` of the user's.

One whose calls run in this process, as a ThreadPoolExecutor's do, runs jobs as threads of ours do:
against the live namespace, with their output as it comes, and they can be killed. One whose calls
travel gets the job packed, and its output comes back with its result; what runs there can only be
cancelled as long as it waits.
"""

from __future__ import annotations

from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextvars import Context
from functools import partial
from typing import Any

from ..engines import EngineSettings
from ..exceptions import JobError, MissingExtra
from ..job import Job
from ..threadrun import run_here
from ..workers import Worker


class FutureRun:
    """A job whose call has been handed to an executor.

    Attributes:
        future: Its future.
        killed: Whether it is to end.
    """

    __slots__ = ("future", "killed")

    ident = None
    native_id = None

    def __init__(self, future: Future[Any]) -> None:
        self.future = future
        self.killed = False

    def kill(self, *, force: bool) -> None:
        """Cancel it, if it has not begun."""
        self.killed = True
        self.future.cancel()

    def blocked_in(self) -> str | None:
        """The other executor, if it has begun: nothing can be done about it from here."""
        if self.future.done() or not self.killed:
            return None
        return "the executor that it was given to, which cannot end a call that has begun"


class ForeignExecutor:
    """Runs each job as a call of one executor."""

    name = "executor"

    def __init__(self, settings: EngineSettings, on: Executor) -> None:
        self._executor = on
        self._here = isinstance(on, ThreadPoolExecutor)
        if not self._here:
            _check_cloudpickle()

    def start(self, job: Job) -> None:
        """Hand `job` to the executor."""
        try:
            if self._here:
                # The pool's own idea of a call's context would make it the submitter's code.
                Context().run(self._executor.submit, run_here, job)
            else:
                self._send(job)
        except (JobError, RuntimeError) as error:
            # It has been shut down, or is broken.
            job.fail_to_start(error)

    def attend(self, job: Job) -> None:
        """Nothing is to be done: it runs elsewhere."""

    def close(self, timeout: float) -> None:
        """The executor is the user's: it stays as it is."""

    def _send(self, job: Job) -> None:
        # Imported where a job first travels: it needs cloudpickle.
        from ..remote import packing, visiting

        if isinstance(job, Worker):
            job.work.broken = JobError(
                "a map runs on an executor of threads only: use on='process'"
            )
            raise job.work.broken
        cargo = packing.cargo(job)
        future: Future[Any] = Future()
        run = FutureRun(future)
        if job.begin(run) is None:
            return
        try:
            packed = cargo.pack(job.num)
            buffers = [bytes(each) for each in packed.buffers]
            run.future = self._executor.submit(visiting.run, packed.data, buffers)
        except Exception as error:
            job.finish(None, error, killed=False)
            return
        run.future.add_done_callback(partial(_take_in, job, run))
        if run.killed:
            run.future.cancel()


def _check_cloudpickle() -> None:
    from importlib.util import find_spec

    if find_spec("cloudpickle") is None:
        raise MissingExtra(
            "jobs on an executor of other processes need the package cloudpickle, which is not "
            "installed: pip install 'nbjobs[process]'"
        )


def _take_in(job: Job, run: FutureRun, future: Future[Any]) -> None:
    """The call is over."""
    from ..remote import replies

    try:
        messages, data, buffers = future.result()
    except CancelledError as error:
        job.finish(None, error, killed=True)
    except Exception as error:
        job.finish(None, JobError(f"job {job.num} is lost: {error}"), killed=False)
    else:
        replies.record(job, messages)
        replies.settle(job, data, buffers)
