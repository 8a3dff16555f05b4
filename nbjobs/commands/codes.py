"""The exit codes, and the errors that lead to them."""

from __future__ import annotations

from enum import IntEnum

from ..control.client import Unreachable
from ..exceptions import JobError, JobNotFound


class Exit(IntEnum):
    """What the command says by its exit code."""

    OK = 0
    FAILED = 1
    WRONG_USE = 2
    NOT_FOUND = 3
    NOT_YET = 4
    UNREACHABLE = 5


MEANINGS = """exit codes:
  0  all went well; with wait: all of the jobs have succeeded
  1  it could not be done; with wait: one of the jobs ended without a result
  2  the command was used in a wrong way
  3  there is no such job, or no journal
  4  not yet: the time of wait is up, or a killed job has not ended so far
  5  the job's kernel cannot be reached
  130  interrupted by Ctrl-C
"""


def code_for(error: JobError | ValueError) -> Exit:
    """The exit code for an error; a ValueError is about an argument."""
    if not isinstance(error, JobError):
        return Exit.WRONG_USE
    if isinstance(error, JobNotFound):
        return Exit.NOT_FOUND
    return Exit.UNREACHABLE if isinstance(error, Unreachable) else Exit.FAILED
