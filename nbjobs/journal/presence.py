"""Which sessions are alive, told by locks that the system takes away with their process.

Beside a journal lies a small file of which each session locks the byte of its own number. Such a
lock is gone with its process, however that ends; is not handed on to forked children; and holds
across containers that share the file. A process id would be used again.

A process loses all its locks of a file as soon as it closes any descriptor of that file. So there
is one descriptor for each file in a process, closed with the last user of it.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path

_open: dict[str, Presence] = {}
_lock = threading.Lock()


def presence_at(journal: Path) -> Presence:
    """The presence file of a journal; to be closed by everybody who has called this."""
    path = os.path.realpath(f"{journal}-alive")
    with _lock:
        found = _open.get(path)
        if found is None or not found.is_current():
            found = _open[path] = Presence(path)
        found.users += 1
    return found


class Presence:
    """The presence file of one journal, in this process.

    Attributes:
        fd: Its descriptor.
        users: How many have still to close it.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        self._held: set[int] = set()
        self._owner = os.getpid()
        self.users = 0

    def is_current(self) -> bool:
        """Whether the file is still there under its name, and was opened by this process."""
        try:
            there = os.stat(self._path)
        except OSError:
            return False
        here = os.fstat(self.fd)
        same = (there.st_ino, there.st_dev) == (here.st_ino, here.st_dev)
        return same and self._owner == os.getpid()

    def hold(self, session: int) -> bool:
        """Say that a session of this process is alive, until `let_go` or the process's end.

        Returns:
            False if another one has that number: one that began in a file since put away.
        """
        if session in self._held or not try_lock(self.fd, session, shared=False):
            return False
        self._held.add(session)
        return True

    def let_go(self, session: int) -> None:
        """The session is over."""
        if session in self._held:
            self._held.discard(session)
            unlock(self.fd, session)

    def alive(self, session: int) -> bool:
        """Whether a session is alive, here or in another process."""
        if session in self._held and self._owner == os.getpid():
            return True
        # Shared: two who look at the same moment do not take each other for the session.
        if not try_lock(self.fd, session, shared=True):
            return True
        unlock(self.fd, session)
        return False

    def close(self) -> None:
        """It is not needed any more by one of its users."""
        with _lock:
            self.users -= 1
            if self.users:
                return
            if _open.get(self._path) is self:
                del _open[self._path]
        os.close(self.fd)


if sys.platform == "win32":
    import msvcrt

    def try_lock(fd: int, byte: int, *, shared: bool) -> bool:
        """Lock a byte; False if another process has it."""
        os.lseek(fd, byte, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EDEADLK):
                return False
            raise
        return True

    def unlock(fd: int, byte: int) -> None:
        """Let go of a byte."""
        os.lseek(fd, byte, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def try_lock(fd: int, byte: int, *, shared: bool) -> bool:
        """Lock a byte; False if another process has it."""
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.lockf(fd, how | fcntl.LOCK_NB, 1, byte)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                return False
            raise
        return True

    def unlock(fd: int, byte: int) -> None:
        """Let go of a byte."""
        fcntl.lockf(fd, fcntl.LOCK_UN, 1, byte)
