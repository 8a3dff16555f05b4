"""Which engine runs a job: each is made when it is first needed, and closed with the manager."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from concurrent.futures import Executor
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from .engines import EngineRow, EngineSettings, in_full, named, taking
from .exceptions import JobError, MissingExtra
from .executors.thread import ThreadExecutor
from .job import Job
from .jobevents import Engine


class Switchboard:
    """The engines of one manager.

    Attributes:
        settings: What can be set about them.
    """

    def __init__(self) -> None:
        self.settings = EngineSettings()
        self._threads = ThreadExecutor()
        # Guards the table.
        self._lock = threading.Lock()
        self._made: dict[Hashable, Engine] = {"thread": self._threads}
        self._closed = False

    def check(self, on: Any) -> None:
        """Raise if jobs cannot run on `on`, before one is made for it.

        Raises:
            MissingExtra: A package that it needs is not installed.
        """
        if on is not None or self.settings.default != "thread":
            self._engine(on)

    def start(self, job: Job) -> None:
        """Run `job` on the engine that its options name.

        Raises:
            RuntimeError: A thread could not be started.
        """
        on = job.options.on
        if on is None and self.settings.default == "thread":
            self._threads.start(job)
            return
        try:
            engine = self._engine(on)
        except JobError as error:
            job.fail_to_start(error)
        else:
            engine.start(job)

    def attend(self, job: Job) -> None:
        """`job` has been submitted in this thread."""
        on = job.options.on
        if on is not None or self.settings.default != "thread":
            self._engine(on).attend(job)

    def close(self, timeout: float) -> None:
        """Close all engines, within `timeout` seconds altogether."""
        end = time.monotonic() + timeout
        with self._lock:
            self._closed = True
            engines = list(self._made.values())
        # The threads last: others may still need them.
        for engine in reversed(engines):
            engine.close(max(0.0, end - time.monotonic()))

    def _engine(self, on: Any) -> Engine:
        if on is None:
            on = self.settings.default
        if isinstance(on, str):
            on = in_full(on)
        key = on if isinstance(on, str) else id(on)
        engine = self._made.get(key)
        if engine is not None:
            return engine
        with self._lock:
            if self._closed:
                raise JobError("this job manager is closed and starts no more jobs")
            if key not in self._made:
                self._made[key] = _make(on, self.settings)
            return self._made[key]


def _make(on: Any, settings: EngineSettings) -> Engine:
    row = _row(on)
    for module in row.needs:
        if find_spec(module) is None:
            raise MissingExtra(
                f"jobs on {row.module} need the package {module}, which is not installed: "
                f"pip install 'nbjobs[{row.extra}]'"
            )
    # Imported now, and not with nbjobs: most sessions never need it.
    cls = getattr(import_module(f"nbjobs.executors.{row.module}"), row.cls)
    return cast(Engine, cls(settings, on))


def _row(on: Any) -> EngineRow:
    if isinstance(on, Executor):
        return EngineRow("foreign", "ForeignExecutor")
    row = named(on) if isinstance(on, str) else taking(on)
    assert row is not None, "the job's options have been checked"
    return row
