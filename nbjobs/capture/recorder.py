"""Where a job's output goes: ordered, bounded, and safe to write to from anywhere.

Guarantees:

- Output is kept in the order in which it was written, by whatever threads.
- A write never waits: not for a reader, not for another writer, and not for itself, when the
  garbage collector runs a `__del__` that prints in the middle of it. Writing is one append to a
  deque, which is atomic. The deque is emptied into the store by whoever gets the lock at the first
  try; a writer that does not get it leaves the work to the one that has it.
- Memory is bounded by `Limits`, plus what waits in the deque: at most `WAITING` short writes in
  each thread that is about to empty it.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from typing import Any

from .entries import Clear, Entry, Gap, Output, Rich, Text, Update, bundle, outputs_of
from .folding import fold
from .redirects import Redirectable
from .store import BLOCK, Limits, Store
from .views import Cursor, News, news, window

log = logging.getLogger(__name__)

WAITING = 64
KNOWN_IDS = 1000


class Recorder(Redirectable):
    """Takes the output of one job.

    Args:
        on_output: Called when there is output that `take` has not been told of yet: once, then
            not again before the next `take`. It is called in the thread that writes, under no
            lock, and must return soon; an error in it is logged.
        limits: How much to keep.

    """

    def __init__(
        self, on_output: Callable[[], object] | None = None, limits: Limits | None = None
    ) -> None:
        super().__init__()
        self._on_output = on_output
        self._incoming: deque[tuple[str, str] | Rich | Update | Clear] = deque()
        # Guards the store. Only ever held for as long as it takes to empty the deque or to copy.
        self._lock = threading.Lock()
        self._store = Store(limits or Limits())
        self._armed = True
        self._display_ids: OrderedDict[str, None] = OrderedDict()

    # Writing.

    def write(self, name: str, text: str) -> int:
        """Add text to the stream `name`: "stdout" or "stderr".

        Returns:
            The number of characters, as streams do.

        Raises:
            TypeError: `text` is no string.
        """
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        incoming = self._incoming
        incoming.append((name, text))
        if len(incoming) > WAITING or len(text) > BLOCK:
            self._empty_if_free()
        if self._armed:
            self._notify()
        return len(text)

    def display(
        self,
        data: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        *,
        display_id: str | None = None,
    ) -> None:
        """Add a display: a MIME bundle."""
        content = bundle(data, metadata)
        if display_id is not None:
            self._display_ids[display_id] = None
            if len(self._display_ids) > KNOWN_IDS:
                self._display_ids.popitem(last=False)
        self._add(Rich("display_data", content, display_id))

    def update(
        self, display_id: str, data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None
    ) -> bool:
        """Replace what was displayed under `display_id`; False if that was not displayed here."""
        if display_id not in self._display_ids:
            return False
        self._add(Update(display_id, bundle(data, metadata)))
        return True

    def result(self, data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> None:
        """Add the value that the job's code ended with."""
        content = bundle(data, metadata)
        self._add(Rich("execute_result", {"execution_count": None, **content}))

    def error(self, ename: str, evalue: str, traceback: list[str]) -> None:
        """Add an error, its traceback rendered in lines."""
        content = {"ename": str(ename), "evalue": str(evalue), "traceback": list(traceback)}
        self._add(Rich("error", content))

    def clear(self, wait: bool = False) -> None:
        """Forget all output; with `wait`, only when the next comes."""
        self._add(Clear(bool(wait)))

    def take(self) -> None:
        """Take note of all output so far: the next calls `on_output` again.

        To be called before reading: what is written between the two is then read, or announced,
        or both.
        """
        self._armed = True

    # Reading.

    @property
    def entries(self) -> list[Entry]:
        """All that is kept, in order."""
        with self._lock:
            self._empty()
            return list(self._store.entries())

    @property
    def outputs(self) -> list[Output]:
        """All that is kept, in order, as outputs of a notebook file."""
        return outputs_of(self.entries)

    def text(self, name: str) -> str:
        """What is kept of the stream `name`, and a line where something was dropped."""
        parts = []
        for entry in self.entries:
            if isinstance(entry, Gap):
                parts.append(f"\n{entry}\n" if entry.chars else "")
            elif isinstance(entry, Text) and entry.name == name:
                parts.append(entry.text)
        return "".join(parts)

    def printed(self) -> str:
        """What is kept of both streams, as it came, as a terminal would show it in the end."""
        parts = []
        for entry in self.entries:
            if isinstance(entry, Text):
                parts.append(entry.text)
            elif isinstance(entry, Gap) and entry.chars:
                parts.append(f"\n{entry}\n")
        return fold("".join(parts))

    def window(self, chars: int, rich: int) -> tuple[list[Output], int]:
        """The newest `chars` characters, from the start of a line, and `rich` rich outputs.

        Returns:
            The outputs, and how many characters came before them.
        """
        with self._lock:
            self._empty()
            entries, shown = window(self._store.backwards(), chars, rich)
            omitted = self._store.total - shown
        return outputs_of(entries), omitted

    def since(self, cursor: Cursor) -> News:
        """What was written after `cursor`, which a previous call has returned (or `Cursor()`)."""
        with self._lock:
            self._empty()
            store = self._store
            return news(store.entries(), cursor, Cursor(store.total, store.count))

    def tail(self, lines: int, *, stream: str | None = None) -> str:
        """The last lines of its text: of both streams as they came, or of one."""
        if lines <= 0:
            return ""
        parts: list[str] = []
        found = 0
        with self._lock:
            self._empty()
            for entry in self._store.backwards():
                if isinstance(entry, Text) and stream in (None, entry.name):
                    parts.append(entry.text)
                    found += entry.text.count("\n")
                    # One more than asked for: the first may be cut, and the last be empty.
                    if found > lines:
                        break
        text = fold("".join(reversed(parts)))
        return "".join(text.splitlines(keepends=True)[-lines:])

    @property
    def last_line(self) -> str:
        """The last line with something in it; "" if there is none."""
        for line in reversed(self.tail(5).splitlines()):
            if line.strip():
                return line
        return ""

    @property
    def total(self) -> int:
        """The number of characters ever written."""
        with self._lock:
            self._empty()
            return self._store.total

    @property
    def dropped(self) -> Gap:
        """What the limits have taken away: `.chars` and `.displays`."""
        with self._lock:
            self._empty()
            gap = self._store.dropped
            return Gap(gap.chars, gap.displays)

    # Inside.

    def _add(self, item: Rich | Update | Clear) -> None:
        self._incoming.append(item)
        # Rich outputs may be large: they should not wait in the deque, out of the limits' reach.
        self._empty_if_free()
        if self._armed:
            self._notify()

    def _notify(self) -> None:
        # Two threads may both come here: a subscriber can bear to be told twice.
        self._armed = False
        if self._on_output is None:
            return
        try:
            self._on_output()
        except Exception:
            log.exception("nbjobs: the function told about new output failed")

    def _empty_if_free(self) -> None:
        if self._lock.acquire(blocking=False):
            try:
                self._empty()
            finally:
                self._lock.release()

    def _empty(self) -> None:
        """Move the deque's items to the store. Call with the lock held."""
        incoming, add = self._incoming, self._store.add
        # Bounded: writers may be faster than this.
        for _ in range(len(incoming)):
            add(incoming.popleft())
