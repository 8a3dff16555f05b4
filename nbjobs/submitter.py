"""Starting jobs with options."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from .task import Options, Task, function_task

if TYPE_CHECKING:
    from .job import Job


class _Starter(Protocol):
    def start(self, task: Task, options: Options) -> Job: ...


class Submitter:
    """Starts jobs that all have the same options; made by `JobManager.options`."""

    __slots__ = ("_manager", "options")

    def __init__(self, manager: _Starter, options: Options) -> None:
        self._manager = manager
        self.options = options

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Job:
        """Start `fn(*args, **kwargs)` as a job with these options.

        Raises:
            TypeError: `fn` cannot be called.
            ValueError: An unfinished job has the name already.
            JobError: The manager is closed.
        """
        return self._manager.start(function_task(fn, args, kwargs), self.options)
