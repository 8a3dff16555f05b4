"""The journal of a shell's jobs: opened when there is something to keep, closed after the jobs."""

from __future__ import annotations

import atexit
import os
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .journal import NAME

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .control.server import Door
    from .jobevents import JobEvent
    from .journal.journal import Journal
    from .journal.options import Keeping
    from .manager import JobManager
    from .settings import NbJobs

LOOK = 0.05
"""How long, in seconds, the cell that loads nbjobs may wait for news of a kernel that has died."""

_SETTINGS = ("journal", "journal_path", "journal_result_size", "journal_days", "journal_size")

_attached: WeakKeyDictionary[JobManager, Journaling] = WeakKeyDictionary()
"""Kept between the two halves of a `%reload_ext`, with the jobs."""


def attach(shell: InteractiveShell, manager: JobManager, settings: NbJobs) -> Journaling:
    """Keep the jobs of `manager`, as the settings say."""
    journaling = _attached.get(manager)
    if journaling is None:
        journaling = _attached[manager] = Journaling(manager)
    journaling.attach(shell, settings)
    return journaling


class Journaling:
    """Keeps a manager's jobs in the journal of its shell's profile."""

    def __init__(self, manager: JobManager) -> None:
        self._manager = manager
        self._shell: Any = None
        self._settings: Any = None
        self._journal: Journal | None = None
        self._door: Door | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._lines: deque[str] = deque()
        self._looking = False
        self._undo: list[Callable[[], None]] = []

    def attach(self, shell: InteractiveShell, settings: NbJobs) -> None:
        """Do so for this shell, with these settings, from now on."""
        self._shell, self._settings = shell, settings
        settings.observe(self._apply, list(_SETTINGS))
        shell.events.register("post_run_cell", self._print_lines)
        atexit.register(self.close)
        self._undo = [
            lambda: settings.unobserve(self._apply, list(_SETTINGS)),
            lambda: shell.events.unregister("post_run_cell", self._print_lines),
            lambda: atexit.unregister(self.close),
        ]
        self._apply()

    def detach(self) -> None:
        """The shell is left, but its jobs go on and are still kept."""
        while self._undo:
            self._undo.pop()()

    def close(self) -> None:
        """Keep nothing any more, and end the session in the journal."""
        self.detach()
        self._stop()
        self._print_lines()
        _attached.pop(self._manager, None)

    def keeping(self) -> Keeping:
        """What is to be kept, and where."""
        from .journal.options import Keeping

        settings = self._settings
        return Keeping(
            self._path(),
            settings.journal_result_size,
            settings.journal_days,
            settings.journal_size,
        )

    def history(self, **query: Any) -> Any:
        """The jobs that meet a query; see `JobManager.history`."""
        # Here: who does not look back pays nothing for it.
        from .histories import look

        session = None
        if self._journal is not None:
            self._journal.flush()
            session = self._journal.session
        return look(self._shell, self._manager, self._path(), session, **query)

    def _path(self) -> Path:
        chosen = self._settings.journal_path
        if chosen:
            return Path(chosen).expanduser().absolute()
        return Path(self._shell.profile_dir.location) / NAME

    def _apply(self, change: Any = None) -> None:
        if not self._settings.journal:
            self._stop()
            return
        if self._journal is not None:
            if self._journal.keeping == self.keeping():
                return
            self._stop()
        if self._unsubscribe is None:
            self._unsubscribe = self._manager.subscribe(self._first_event)
        self._manager.chronicle = self
        if any(not job.state.finished for job in self._manager):
            self._open().keep(list(self._manager))
        elif self._path().exists():
            # There may be news of an earlier session.
            self._looking = True
            self._open().look_back()

    def _stop(self) -> None:
        journal, self._journal = self._journal, None
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._manager.chronicle = None
        if journal is not None:
            journal.close()
        if self._door is not None:
            self._door.close()
            self._door = None

    def _first_event(self, event: JobEvent) -> None:
        self._open().on_event(event)

    def _open(self) -> Journal:
        if self._journal is None:
            # Here: a shell that starts no job in a new profile pays nothing for it.
            from .journal.journal import Journal

            self._journal = Journal(self.keeping(), self._lines.append, self._open_door)
            before, self._unsubscribe = (
                self._unsubscribe,
                self._manager.subscribe(self._journal.on_event),
            )
            if before is not None:
                before()
        return self._journal

    def _open_door(self, token: str) -> str:
        """Let the command line in; called in the journal's thread."""
        import socket

        if not hasattr(socket, "AF_UNIX"):
            return ""
        from .control.requests import answer
        from .control.server import Door

        manager = self._manager
        try:
            self._door = Door(self._runtime_folder(), token, lambda asked: answer(manager, asked))
        except (OSError, RuntimeError) as error:
            # Since Python 3.12 no thread starts while the interpreter ends: nobody would come in.
            if "interpreter shutdown" not in str(error):
                self._lines.append(f"nbjobs: `nbjobs kill` cannot reach this kernel: {error}")
            return ""
        return str(self._door.place)

    def _runtime_folder(self) -> Path:
        try:
            # Not there without Jupyter, in a plain terminal's IPython.
            from jupyter_core.paths import jupyter_runtime_dir
        except ImportError:
            return Path(os.environ.get("XDG_RUNTIME_DIR") or self._path().parent) / "nbjobs"
        return Path(jupyter_runtime_dir())

    def _print_lines(self, _: Any = None) -> None:
        if self._looking and self._journal is not None:
            self._looking = False
            self._journal.flush(LOOK)
        while self._lines:
            print(self._lines.popleft(), file=sys.stderr)
