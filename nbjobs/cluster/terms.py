"""What both sides say to each other."""

from __future__ import annotations

import os
import platform
import sys
from functools import cache
from importlib.metadata import version
from typing import Any

from ..capture import finishing
from ..exceptions import JobError
from ..remote import parcel
from ..tracebacks import error_text

Packed = tuple[Any, ...]
"""What a worker answers: whether the job was killed, the reply's data, and its buffers."""

Ended = tuple[str, str, Packed | None]
"""What a Dask worker says of a value that it keeps: its type, its repr, and its reply if small."""

Setup = tuple[bool, tuple[int, int]]
"""What a worker has to know of the kernel."""

ASK = "nbjobs_end_request"
"""The control message that ends a job on an ipyparallel engine."""


@cache
def about() -> dict[str, Any]:
    """Where this is, and the versions that have to agree with the kernel's.

    Found out once in a process: to read the versions from the disk takes longer than a small job.
    """
    return {
        "place": f"{platform.node()}, process {os.getpid()}",
        "python": platform.python_version(),
        "nbjobs": version("nbjobs"),
        "cloudpickle": version("cloudpickle"),
    }


def setup() -> Setup:
    """What the kernel tells of itself: its Python, and whether it has a shell."""
    return finishing.presented(), sys.version_info[:2]


def value_of(packed: Packed) -> Any:
    """The value in the answer of a worker whose job has succeeded.

    Raises:
        JobError: It cannot be unpickled here; or it was computed once more, and that has failed.
    """
    killed, data, *buffers = packed
    again = "the result was lost with its worker, and when it was computed once more that"
    if killed is True:
        raise JobError(f"{again} was killed")
    try:
        reply = parcel.load(data, buffers)
    except Exception as error:
        told = JobError(f"the result cannot be loaded in this process: {error_text(error)}")
        raise told from error
    if reply["error"] is not None:
        raise JobError(f"{again} failed: {reply['text']}") from reply["error"]
    return reply["value"]
