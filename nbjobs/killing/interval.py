"""Quicker changes between threads, while it matters."""

from __future__ import annotations

import sys
import threading
from types import TracebackType

_QUICK = 0.0005

# Guards the two below.
_lock = threading.Lock()
_users = 0
_before = 0.0


class QuickSwitching:
    """Within the block, a thread that computes hands over after half a millisecond, not five."""

    def __enter__(self) -> None:
        global _users, _before
        with _lock:
            _users += 1
            if _users == 1:
                _before = sys.getswitchinterval()
                sys.setswitchinterval(min(_QUICK, _before))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        global _users
        with _lock:
            _users -= 1
            # Unless somebody has set another one meanwhile (it is kept in whole microseconds).
            if not _users and abs(sys.getswitchinterval() - min(_QUICK, _before)) < 1e-6:
                sys.setswitchinterval(_before)
