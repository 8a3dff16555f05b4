"""`kill_thread`: end a job, or any thread."""

from __future__ import annotations

import threading

from .exceptions import JobError
from .job import Job
from .killing import KillResult, kill_foreign_thread


def kill_thread(
    target: Job | threading.Thread, *, grace: float = 5.0, force: bool = False
) -> KillResult:
    """End a job or a thread: at once where it is awake, and by waking it where it is blocked.

    Args:
        target: A job, or a thread that nbjobs has nothing to do with.
        grace: The longest time in seconds to wait for its end; 0 to return at once.
        force: End it even where that may leave a lock held or cut a `finally` block short.

    Returns:
        KILLED, PENDING (it has not ended yet) or TOO_LATE (it ended by itself just now).

    Raises:
        JobError: It has ended already, was never started, or is one that must not be killed.
        TypeError: It is neither a job nor a thread.
    """
    if isinstance(target, Job):
        if target.state.finished:
            raise JobError(f"job {target.num} has ended already: {target.summary()}")
        return target.kill(grace, force=force)
    if not isinstance(target, threading.Thread):
        raise TypeError(
            f"kill_thread takes a job or a thread, not {type(target).__name__}; "
            "a job by its number is jobs[3]"
        )
    return kill_foreign_thread(target, grace=grace, force=force)
