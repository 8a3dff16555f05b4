"""The journal's file: made for its owner's eyes only, trusted or not, and set aside when broken."""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress
from pathlib import Path

from ..exceptions import JobError
from .presence import try_lock, unlock

_BESIDE = ("", "-wal", "-shm")
_SETTING_ASIDE = 0
"""The byte of the presence file that is locked meanwhile; sessions are numbered from 1."""


def create(path: Path) -> None:
    """Make the file, readable for its owner only, and its folder; nothing if it is there.

    SQLite gives the files that it puts beside it the same mode.

    Raises:
        OSError: It cannot be made.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def identity(path: Path) -> tuple[int, int] | None:
    """What tells this file from another of the same name; None if there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def check_trusted(path: Path) -> None:
    """See that nobody but its owner can have written to the journal, and that that is you.

    Loading a result runs code that is in the file.

    Raises:
        JobError: Somebody else owns it, or may write to it.
    """
    if os.name != "posix":
        return
    for end in _BESIDE:
        file = Path(f"{path}{end}")
        with suppress(FileNotFoundError):
            _check_one(file, os.stat(file), 0o022)
    folder = os.stat(path.parent)
    if folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX:
        raise _refusal(path.parent, "everybody may write to that folder", "chmod o-w")


def _check_one(file: Path, found: os.stat_result, others: int) -> None:
    if found.st_uid != os.geteuid():
        raise _refusal(file, f"it belongs to user {found.st_uid}, and you are {os.geteuid()}", "")
    if found.st_mode & others:
        raise _refusal(file, "others may write to it", "chmod go-w")


def _refusal(file: Path, why: str, cure: str) -> JobError:
    help_ = f"; if you trust what is in it: {cure} {file}" if cure else ""
    return JobError(f"no result is loaded from {file}, since that may run code: {why}{help_}")


def set_aside(path: Path, presence_fd: int, broken: tuple[int, int] | None) -> Path | None:
    """Rename a broken journal, and what is beside it, out of the way.

    Args:
        path: Where it is.
        presence_fd: A descriptor of its presence file.
        broken: Which file was found broken: another kernel may have been quicker.

    Returns:
        Where it is now; None if there was nothing to do.

    Raises:
        OSError: It cannot be renamed.
    """
    end = time.monotonic() + 5.0
    while not try_lock(presence_fd, _SETTING_ASIDE, shared=False) and time.monotonic() < end:
        time.sleep(0.01)
    try:
        if broken is None or identity(path) != broken:
            return None
        stem = f"{path}.corrupt-{time.strftime('%Y%m%d-%H%M%S')}"
        target, number = stem, 1
        while os.path.lexists(target):
            number += 1
            target = f"{stem}-{number}"
        for suffix in reversed(_BESIDE):
            with suppress(FileNotFoundError):
                os.rename(f"{path}{suffix}", f"{target}{suffix}")
        return Path(target)
    finally:
        unlock(presence_fd, _SETTING_ASIDE)
