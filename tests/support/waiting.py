"""Waiting for what jobs do by themselves."""

import threading
import time
from collections.abc import Callable
from typing import Any

LIMIT = 30.0


def begun(*jobs: Any) -> None:
    """Wait until the jobs' threads have taken them up: before that a kill cancels them."""
    end = time.monotonic() + LIMIT
    pause = threading.Event()
    for job in jobs:
        while not job.state.started:
            assert time.monotonic() < end, job.summary()
            pause.wait(0.001)


def until(what: Callable[[], Any]) -> None:
    """Wait until `what()` is true."""
    end = time.monotonic() + LIMIT
    while not what():
        assert time.monotonic() < end
        threading.Event().wait(0.01)
