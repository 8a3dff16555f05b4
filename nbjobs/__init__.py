"""Background jobs for IPython and Jupyter that can be seen, recalled and really killed.

In a notebook: `%load_ext nbjobs`, then `%job expression`. In code: `JobManager`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chunks import get_chunks, join_chunks
from .exceptions import (
    DependencyCycle,
    JobCancelled,
    JobError,
    JobKilled,
    JobNotFinished,
    JobNotFound,
    JobSkipped,
    JobTimeout,
    MissingExtra,
    NotPicklable,
)
from .job import Job, current_job
from .killing import checkpoint, shield
from .killthread import kill_thread
from .manager import JobManager
from .states import JobState

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = [
    "DependencyCycle",
    "Job",
    "JobCancelled",
    "JobError",
    "JobKilled",
    "JobManager",
    "JobNotFinished",
    "JobNotFound",
    "JobSkipped",
    "JobState",
    "JobTimeout",
    "MissingExtra",
    "NotPicklable",
    "checkpoint",
    "current_job",
    "get_chunks",
    "join_chunks",
    "kill_thread",
    "shield",
]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext nbjobs`."""
    from . import extension

    extension.load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """`%unload_ext nbjobs`."""
    from . import extension

    extension.unload(shell)
