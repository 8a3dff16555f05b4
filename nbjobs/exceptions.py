"""Every exception a user of nbjobs can meet."""

from __future__ import annotations

from concurrent.futures import CancelledError, InvalidStateError


class JobError(Exception):
    """Base of all exceptions of nbjobs, and what is raised when no narrower one fits."""


class JobNotFound(JobError, KeyError):
    """No job has the number or the name that was asked for.

    A `KeyError` too, because that is what upstream's manager raises.
    """

    # KeyError shows the repr of its message, quotes and all.
    __str__ = Exception.__str__


class JobNotFinished(JobError, InvalidStateError):
    """The job has no result yet."""


class JobKilled(JobError):
    """The job was killed before it had a result."""


class JobTimeout(JobError, TimeoutError):
    """The job ran into its time limit, or a wait for it did."""


class JobSkipped(JobError):
    """The job was not started because a job it depends on did not end as required."""


class JobCancelled(JobError, CancelledError):
    """The job was cancelled before it started."""


class DependencyCycle(JobError, ValueError):
    """Jobs were told to wait for each other."""


class NotPicklable(JobError, TypeError):
    """Something that has to travel to another process cannot be pickled."""


class MissingExtra(JobError, ImportError):
    """A feature needs a package that is not installed; the message names the extra."""
