"""What the jobs of the contract do; imported by name in the workers, too."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any


def mark_and_sleep(folder: str, seconds: float) -> str:
    """Leave a sign of having begun, then take so long."""
    Path(folder, "begun").write_text(str(os.getpid()))
    time.sleep(seconds)
    return "slept"


async def mark_and_sleep_async(folder: str, seconds: float) -> str:
    """The same as a coroutine."""
    Path(folder, "begun").write_text(str(os.getpid()))
    await asyncio.sleep(seconds)
    return "slept"


def count_in_c(folder: str) -> None:
    """When told to, stay in one call of C code that holds the interpreter; leave a sign before."""
    while not Path(folder, "go").exists():
        time.sleep(0.01)
    # As a whole, since others wait for it.
    Path(folder, "new").write_text(str(os.getpid()))
    os.replace(Path(folder, "new"), Path(folder, "pid"))
    sum(range(10**12))


def fail_until(folder: str, times: int) -> int:
    """Fail so many times, counted in the folder, and then return the count."""
    tries = len(list(Path(folder).glob("try*")))
    Path(folder, f"try{tries}").touch()
    if tries < times:
        raise OSError(f"try {tries}")
    return tries


def talk() -> str:
    """Write to both streams, in turn."""
    print("one")
    print("two", file=sys.stderr)
    print("three")
    return "told"


def fail(text: str) -> None:
    """Raise an error whose traceback names this function."""
    raise KeyError(text)


def die_once(folder: str) -> str:
    """End the process the first time, when told to, as a crash would; return the second."""
    sign = Path(folder, "died")
    if sign.exists():
        return "second"
    while not Path(folder, "go").exists():
        time.sleep(0.01)
    sign.touch()
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


def announce_and_sleep(seconds: float) -> None:
    """Print the process's number, then take so long."""
    print(os.getpid(), flush=True)
    time.sleep(seconds)


class Heavy:
    """Twenty megabytes that remember the process in which they were unpickled last."""

    def __init__(self) -> None:
        self.content = bytes(20_000_000)
        self.unpickled = 0

    def __getstate__(self) -> bytes:
        return self.content

    def __setstate__(self, content: bytes) -> None:
        self.content = content
        self.unpickled = os.getpid()


def unpickled(heavy: Heavy, *others: Any, more: Any = None) -> tuple[int, int]:
    """Where an argument was unpickled, and where this is run."""
    assert len(heavy.content) == 20_000_000
    return heavy.unpickled, os.getpid()


def pid_and_ballast(folder: str, times: int = 99) -> tuple[int, bytes]:
    """The process's number, with enough to be left where it is; fail after so many times."""
    tries = len(list(Path(folder).glob("try*")))
    Path(folder, f"try{tries}").touch()
    if tries >= times:
        raise OSError(f"try {tries}")
    return os.getpid(), bytes(100_000)
