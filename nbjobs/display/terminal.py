"""Jobs' output in a terminal: each finished line above the prompt, with the job's number."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ..capture.entries import Gap, Rich, Text, publishable
from ..capture.folding import fold
from ..capture.streams import Proxy
from ..capture.views import Cursor
from ..jobevents import EventKind, JobEvent
from ..text import plural
from ..timers import Scheduler
from .pace import Pace

if TYPE_CHECKING:
    from ..capture.entries import Entry
    from ..job import Job

MOST_LINES = 200
"""Printed at a time of one job; of more only the last, and how many were left out."""


PATIENCE = 5
"""How often a line is held back while a cell is in the middle of its own, which is then ended."""


class Printer:
    """What has been printed of one job's output, and what not yet."""

    def __init__(self, job: Job, lines: TerminalLines) -> None:
        self._job = job
        self._lines = lines
        self._cursor = Cursor()
        self._rest = ""
        self._page = ""
        self._waited = 0
        # A shell that catches up and the scheduler may both print.
        self._lock = threading.Lock()
        self.pace = Pace(lines.scheduler, self._print)

    def _print(self) -> int:
        if not self._lines.free():
            return 0
        return self.print(now=self._waited >= PATIENCE)

    def print(self, *, now: bool = True) -> int:
        """Print what is new: whole lines, or everything when the job has ended.

        Args:
            now: Whether to do so even if somebody else is in the middle of a line.
        """
        with self._lock:
            self._page += self._new_lines()
            if not self._page:
                return 0
            if not _write(self._page, now=now):
                self._waited += 1
                self.pace.poke()
                return 0
            size, self._page, self._waited = len(self._page), "", 0
            return size

    def _new_lines(self) -> str:
        ended = self._job.state.finished
        recorder = self._job.recorder
        recorder.take()
        news = recorder.since(self._cursor)
        self._cursor = news.cursor
        text = self._rest + "".join(_text(entry) for entry in news.entries)
        if ended:
            self._rest = ""
        else:
            whole = text.rfind("\n") + 1
            text, self._rest = text[:whole], text[whole:]
            # A progress bar overwrites its line again and again, and is kept as it is now.
            self._rest = self._rest[self._rest.rfind("\r", 0, -1) + 1 :]
        lines = fold(text).splitlines()
        shown = lines[-MOST_LINES:]
        if len(shown) < len(lines):
            left_out = plural(len(lines) - len(shown), "line")
            shown.insert(0, f"... {left_out} left out: %jobs show {self._job.num}")
        return str(publishable("".join(f"[{self._job.num}] {line}\n" for line in shown)))


def _write(page: str, *, now: bool) -> bool:
    stream = sys.stdout
    if isinstance(stream, Proxy):
        return stream.nbjobs_write_lines(page, now=now)
    if not now:
        # A prompt comes or goes at this moment, or the user has put a stream of their own there.
        return False
    stream.write(page)
    stream.flush()
    return True


class TerminalLines:
    """Subscriber of a manager's events that prints its jobs' lines.

    A prompt of prompt_toolkit takes lines printed meanwhile and puts them above itself. Any other
    prompt cannot: there lines wait until the next cell begins or ends, as a shell's notices do.

    Args:
        above_prompt: Whether the prompt can put lines above itself.
    """

    def __init__(self, *, above_prompt: bool) -> None:
        self.scheduler = Scheduler("nbjobs-display")
        self._above_prompt = above_prompt
        # We are installed from a cell, or before the first prompt.
        self._in_cell = True
        self._printers: WeakKeyDictionary[Job, Printer] = WeakKeyDictionary()

    def free(self) -> bool:
        """Whether lines may be printed now."""
        return self._above_prompt or self._in_cell

    def on_event(self, event: JobEvent) -> None:
        """Something has happened to a job."""
        job = event.job
        if event.kind is EventKind.REMOVED:
            self._printers.pop(job, None)
            return
        if job.options.silent or event.kind is EventKind.PROGRESS:
            return
        printer = self._printers.get(job)
        if printer is None:
            if event.kind is not EventKind.OUTPUT:
                return
            printer = self._printers[job] = Printer(job, self)
        if event.state.finished:
            printer.pace.hurry()
        else:
            printer.pace.poke()

    def before_cell(self, _: Any = None) -> None:
        """A cell begins."""
        self._in_cell = True
        self._catch_up()

    def after_cell(self, _: Any = None) -> None:
        """A cell ends."""
        self._catch_up()
        self._in_cell = False

    def close(self) -> None:
        """Print what is left and nothing from then on."""
        self._catch_up()
        for printer in list(self._printers.values()):
            printer.pace.stop()
        self._printers.clear()

    def _catch_up(self) -> None:
        if not self._above_prompt:
            for printer in list(self._printers.values()):
                printer.pace.stop()
                printer.print()


def _text(entry: Entry) -> str:
    if isinstance(entry, Text):
        return entry.text
    if isinstance(entry, Gap):
        return f"{entry}\n"
    return _rich_text(entry)


def _rich_text(entry: Rich) -> str:
    content = entry.content
    if entry.kind in ("execute_result", "error"):
        # How it ended is told in one line before the next prompt.
        return ""
    plain = str(content.get("data", {}).get("text/plain", ""))
    return f"{plain}\n" if plain else ""
