"""What a kernel does when it is asked from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..killing import KillResult

if TYPE_CHECKING:
    from ..manager import JobManager


def answer(manager: JobManager, request: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked: kill a job.

    Raises:
        JobNotFound: There is no such job.
        ValueError: It is asked for something else.
    """
    if request.get("do") != "kill":
        raise ValueError(f"a kernel cannot {request.get('do')!r}")
    job = manager[int(request["num"])]
    result = job.kill(float(request.get("grace", 5.0)), force=bool(request.get("force")))
    where = job.blocked_in if result is KillResult.PENDING else None
    return {"result": result.value, "summary": job.summary(), "blocked_in": where}
