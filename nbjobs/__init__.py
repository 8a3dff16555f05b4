"""Background jobs for IPython and Jupyter that can be seen, recalled and really killed.

In a notebook: `%load_ext nbjobs`, then `%job expression`. In code: `JobManager`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .chunks import get_chunks, join_chunks
    from .exceptions import DependencyCycle, JobCancelled, JobError, JobKilled, JobNotFinished
    from .exceptions import JobNotFound, JobSkipped, JobTimeout, MissingExtra, NotPicklable
    from .groups import JobGroup
    from .job import Job, current_job
    from .killing import checkpoint, shield
    from .killthread import kill_thread
    from .manager import JobManager
    from .states import JobState
    from .tracking import track

# Each public name is imported when it is first used: a package that merely depends on nbjobs, or a
# kernel that has it in its start-up files, pays next to nothing for it.
_HOMES = {
    "chunks": ("get_chunks", "join_chunks"),
    "exceptions": ("DependencyCycle", "JobCancelled", "JobError", "JobKilled", "JobNotFinished",
                   "JobNotFound", "JobSkipped", "JobTimeout", "MissingExtra", "NotPicklable"),
    "groups": ("JobGroup",),
    "job": ("Job", "current_job"),
    "killing": ("checkpoint", "shield"),
    "killthread": ("kill_thread",),
    "states": ("JobState",),
    # Not the manager's own module: this one gives it its tables.
    "tables": ("JobManager",),
    "tracking": ("track",),
}  # fmt: skip
_MODULES = {name: module for module, names in _HOMES.items() for name in names}

__all__ = ["DependencyCycle", "Job", "JobCancelled", "JobError", "JobGroup", "JobKilled",
           "JobManager", "JobNotFinished", "JobNotFound", "JobSkipped", "JobState",
           "JobTimeout", "MissingExtra", "NotPicklable", "checkpoint", "current_job", "get_chunks",
           "join_chunks", "kill_thread", "shield", "track"]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    return value


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext nbjobs`."""
    import_module(".extension", __name__).load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """`%unload_ext nbjobs`."""
    import_module(".extension", __name__).unload(shell)
