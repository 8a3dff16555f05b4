"""How a journal is to be kept, and for whom."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from pathlib import Path

DAYS = 90.0
MEGABYTES = 512
RESULT_SIZE = 1024 * 1024


@dataclass(frozen=True)
class Keeping:
    """What is kept, and where.

    Attributes:
        path: The journal's file.
        result_size: The largest result that is kept as a value, in bytes; 0 for none.
        days: How long jobs are kept.
        megabytes: How large the file may grow before the oldest jobs go.
    """

    path: Path
    result_size: int = RESULT_SIZE
    days: float = DAYS
    megabytes: float = MEGABYTES


@dataclass
class Self:
    """What a session tells of itself.

    Attributes:
        socket: Where it can be reached; empty if it cannot.
        token: What it is to be addressed by there: another process may come to use that place.
    """

    socket: str = ""
    token: str = field(default_factory=lambda: os.urandom(8).hex())
    pid: int = field(default_factory=os.getpid)
    host: str = field(default_factory=platform.node)
    folder: str = field(default_factory=os.getcwd)
    python: str = field(default_factory=platform.python_version)
