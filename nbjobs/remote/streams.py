"""The streams of a process that runs jobs sent to it."""

from __future__ import annotations

import sys

from .. import inheritance
from ..capture.streams import proxied

_installed = False


def install() -> None:
    """Send what jobs' code prints to its job; doing it twice changes nothing."""
    global _installed
    if _installed:
        return
    _installed = True
    inheritance.install()
    sys.stdout, sys.stderr = proxied(sys.stdout, "stdout"), proxied(sys.stderr, "stderr")
