"""The kernel's side of what comes back: output into the job's recorder, the reply into the job."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..coderun import CodeRun
from ..exceptions import JobError
from ..progress import Progress
from ..tracebacks import error_text
from . import parcel
from .errors import RemoteTraceback


def record(job: Any, messages: Iterable[tuple[Any, ...]]) -> None:
    """Put what a worker has sent into the job's recorder, in order."""
    recorder = job.recorder
    for kind, *content in messages:
        if kind == "text":
            recorder.write(*content)
        elif kind == "display":
            data, metadata, display_id = content
            recorder.display(data, metadata, display_id=display_id)
        elif kind == "update":
            data, metadata, display_id = content
            recorder.update(display_id, data, metadata)
        elif kind == "result":
            recorder.result(content[0], content[1])
        elif kind == "error":
            recorder.error(*content)
        elif kind == "clear":
            recorder.clear(*content)
        elif kind == "progress":
            done, total, description = content
            Progress.of(job.progress, job.report_progress)(done, total, description)


def error_of(reply: dict[str, Any]) -> BaseException | None:
    """The error of a reply, with the traceback there as its cause; None if it has none."""
    error: BaseException | None = reply["error"]
    if error is not None and reply["trace"]:
        error.__cause__ = RemoteTraceback(reply["trace"])
    return error


def items(
    data: parcel.Buffer, buffers: Sequence[parcel.Buffer] = ()
) -> tuple[list[Any], dict[int, BaseException | None]]:
    """What became of the items of a portion: values, in their order, and errors by place."""
    values, failed = parcel.load(data, buffers)
    return values, {place: error_of(parcel.load(*packed)) for place, packed in failed.items()}


def settle(job: Any, data: parcel.Buffer, buffers: Sequence[parcel.Buffer]) -> None:
    """End `job` with the reply of its worker, the last of whose buffers are the last messages."""
    *buffers, last = buffers
    if last:
        record(job, parcel.load(last))
    try:
        reply = parcel.load(data, buffers)
    except Exception as error:
        told = JobError(f"the result cannot be loaded in this process: {error_text(error)}")
        told.__cause__ = error
        job.finish(None, told, killed=False)
        return
    raised = error_of(reply)
    if raised is not None:
        job.finish(None, raised, killed=False, text=reply["text"])
        return
    task = job.task
    if reply["exports"] and task is not None and isinstance(task.call, CodeRun):
        task.call.glob.update(reply["exports"])
    job.finish(reply["value"], None, killed=False)
