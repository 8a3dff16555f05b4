"""Ending a thread from outside: see `gate` for the protocol and `ladder` for the steps."""

from .blocked import blocked_in
from .foreign import kill_foreign_thread
from .gate import Gate, KillSignal, Outcome
from .installation import install, uninstall
from .pursuit import kill
from .result import KillResult
from .settings import settings
from .shields import checkpoint, shield

__all__ = [
    "Gate",
    "KillResult",
    "KillSignal",
    "Outcome",
    "blocked_in",
    "checkpoint",
    "install",
    "kill",
    "kill_foreign_thread",
    "settings",
    "shield",
    "uninstall",
]
