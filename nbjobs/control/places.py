"""Where kernels' sockets are."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path

_PREFIX, _SUFFIX = "nbjobs-", ".sock"

LONGEST = 100
"""Bytes in a socket's path; the system's own limit is a little above."""


def new_place(folder: Path, token: str) -> Path:
    """Where the socket of this process is to be.

    Raises:
        OSError: The folder cannot be made, or its name is too long for a socket.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / f"{_PREFIX}{os.getpid()}-{token[:4]}{_SUFFIX}"
    if len(os.fsencode(place)) > LONGEST:
        raise OSError(f"the path of a socket has at most {LONGEST} bytes: {place}")
    return place


def remove_stale(folder: Path) -> None:
    """Remove sockets that processes have left behind which were killed."""
    for place in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        with suppress(OSError):
            if not stat.S_ISSOCK(place.lstat().st_mode):
                continue
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(1.0)
                try:
                    probe.connect(str(place))
                except ConnectionRefusedError:
                    place.unlink()
