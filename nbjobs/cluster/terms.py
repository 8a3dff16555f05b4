"""What both sides say to each other."""

from __future__ import annotations

import os
import platform
import sys
from functools import cache
from importlib.metadata import version
from typing import Any

from ..capture import finishing

Packed = tuple[Any, ...]
"""What a worker answers: whether the job was killed, the reply's data, and its buffers."""

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
