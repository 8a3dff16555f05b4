"""Errors and results on their way back: as they are if they can travel, else in words."""

from __future__ import annotations

import pickle
import traceback
from typing import TYPE_CHECKING, Any

from ..exceptions import JobError, NotPicklable
from ..text import one_line, type_name
from ..tracebacks import error_text, without_our_frames
from . import parcel

if TYPE_CHECKING:
    from .runner import Reply


class RemoteTraceback(Exception):
    """The cause of an error from a worker: the traceback there, as text."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"\n{self.text}"


def trace_of(error: BaseException) -> str:
    """The traceback of `error` as text, from the user's first frame on."""
    shown = error.with_traceback(without_our_frames(error))
    return "".join(traceback.format_exception(shown)).rstrip("\n")


def cannot_load(error: Exception) -> JobError:
    """What to say when a job cannot be unpacked in the worker."""
    why = one_line(error_text(error), 200)
    hint = ""
    if isinstance(error, ImportError):
        hint = (
            ". The worker imports modules by name: install it there, or put its folder on sys.path"
        )
    return JobError(f"the worker cannot load the job: {why}{hint}")


def other_versions(kernels: dict[str, str]) -> JobError:
    """What to say when the kernel has other versions than this worker."""
    for what, version in kernels.items():
        here = parcel.VERSIONS[what]
        if version != here:
            return JobError(
                f"the worker has {what} {here} and the kernel has {version}: "
                "code cannot travel between the two"
            )
    return JobError("the worker and the kernel have different versions of nbjobs")


def pack_value(reply: Reply) -> parcel.Parcel:
    """Pack the reply of a job that has succeeded.

    Raises:
        NotPicklable: Its result, or a name that was to be exported, cannot be pickled.
    """
    if type(reply.value) in parcel.PLAIN and not reply.exports:
        return parcel.Parcel(pickle.dumps(_plain(reply), 5))
    try:
        return parcel.dump(_plain(reply))
    except Exception as error:
        why = one_line(str(error) or type(error).__name__, 200)
        parts = {
            "the result": reply.value,
            **{f"{k}, exported,": v for k, v in reply.exports.items()},
        }
        for name, value in parts.items():
            if parcel.fails(value) is not None:
                raise NotPicklable(
                    f"{name} ({type_name(type(value))}) cannot be sent back: {why}"
                ) from error
        raise NotPicklable(f"the result cannot be sent back: {why}") from error


def pack_error(reply: Reply) -> parcel.Parcel:
    """Pack the reply of a job that has failed; this always works."""
    try:
        packed = parcel.dump(_plain(reply))
        # Many exceptions can be pickled, but not made again from that.
        parcel.load(packed.data, packed.buffers)
    except Exception:
        stand_in = JobError(reply.text or "an error that cannot be shown")
        return parcel.dump({**_plain(reply), "error": stand_in})
    return packed


def _plain(reply: Reply) -> dict[str, Any]:
    return {
        "value": reply.value,
        "error": reply.error,
        "text": reply.text,
        "trace": reply.trace,
        "exports": reply.exports,
    }
