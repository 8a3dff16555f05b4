"""What has to be in place in the process so that jobs can be killed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from .. import inheritance
from .gate import Gate
from .joining import patch as join_patch
from .ownership import patches as ownership_patches
from .sleeping import patch as sleep_patch

_patches = (sleep_patch, join_patch, *ownership_patches)

_lock = threading.Lock()
_count = 0


def _run_in_gate(job: Any, call: Callable[[], Any]) -> Any:
    """Run what a job has started in a gate of its own, so that it can be killed by itself."""
    gate = Gate(job)
    gate.started_by_job = True
    outcome = gate.run(call)
    if outcome.error is not None:
        raise outcome.error
    return outcome.value


def install() -> None:
    """Make sleeps, and what jobs start, reachable for a kill. Counted, as `uninstall` is."""
    global _count
    with _lock:
        _count += 1
        if _count == 1:
            inheritance.run_calls_with(_run_in_gate)
        inheritance.install()
        for patch in _patches:
            patch.apply()


def uninstall() -> None:
    """Undo one `install`; the last one puts back everything as it was."""
    global _count
    with _lock:
        if _count == 0:
            return
        _count -= 1
        for patch in reversed(_patches):
            patch.remove()
        inheritance.uninstall()
        if _count == 0:
            inheritance.run_calls_with(None)
