"""Killing is installed for every test here, and leaves nothing behind."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import pytest

from nbjobs import killing


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    """Install, and see that everything is as before afterwards."""
    before = (time.sleep, threading.Thread.join, threading.Thread.start, sys.getswitchinterval())
    killing.install()
    yield
    killing.uninstall()
    now = (time.sleep, threading.Thread.join, threading.Thread.start, sys.getswitchinterval())
    end = time.monotonic() + 5
    while now != before and time.monotonic() < end:
        # The last pursuit may still be on its way out.
        time.sleep(0.001)
        now = (*now[:3], sys.getswitchinterval())
    assert now == before
