"""The other end: asks a kernel for something."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from typing import Any

from ..exceptions import JobError


class Unreachable(JobError):
    """The kernel cannot be reached."""


def ask(place: str, token: str, request: dict[str, Any], timeout: float) -> dict[str, Any]:
    """Send a request to the kernel whose socket is at `place`, and return its answer.

    Raises:
        Unreachable: There is no such kernel, or it does not answer within `timeout` seconds.
        JobError: It has refused.
    """
    if not place or not hasattr(socket, "AF_UNIX"):
        raise Unreachable("its kernel has no socket to be reached by")
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(timeout)
            line.connect(place)
            # It may refuse before it has heard what is asked: its answer is there all the same.
            with suppress(BrokenPipeError):
                line.sendall(json.dumps({**request, "token": token}).encode() + b"\n")
            with line.makefile("rb") as lines:
                reply = lines.readline()
    except OSError as error:
        raise Unreachable(f"its kernel cannot be reached at {place}: {error}") from None
    if not reply:
        raise Unreachable(f"its kernel at {place} gave no answer")
    answer: dict[str, Any] = json.loads(reply)
    if "error" in answer:
        raise JobError(str(answer["error"]))
    return answer
