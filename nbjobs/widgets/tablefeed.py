"""The stream of messages that keeps the table in a page like the jobs in the kernel.

Guarantees:

- A page that has taken in the last message is as the jobs are. Every message carries `seq`, which
  grows by one with each delta, so that a page notices when one was lost on the way: the server
  drops messages in a flood. It then says hello and gets a snapshot.
- Snapshots and deltas go out in the order of their numbers: both are made and sent under one lock.
- At most one delta goes out in `INTERVAL`, however much happens, and nothing wakes up while
  nothing happens: only while jobs run is there a beat every `BEAT` seconds, and one after the last
  has ended, which reveals that a message was lost.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ..jobevents import EventKind, JobEvent
from ..states import JobState
from ..timers import Scheduler
from .tablemessages import FromKernel, Row, Snapshot
from .tablerows import row

if TYPE_CHECKING:
    from ..job import Job
    from ..manager import JobManager

INTERVAL = 0.1
SOON = 0.01
BEAT = 2.0
LOOK = 1.0


class TableFeed:
    """Tells one table what happens to the jobs of `manager`, from construction to `close`.

    Args:
        manager: Whose jobs.
        send: Sends a message to all pages; may be called in any thread, and must not wait.
        clicks_wait: Whether a click is served only between cells.
        beat: How often, in seconds, to give a sign of life while jobs run.
    """

    def __init__(
        self,
        manager: JobManager,
        send: Callable[[FromKernel], object],
        *,
        clicks_wait: bool,
        beat: float = BEAT,
    ) -> None:
        self._manager = manager
        self._send = send
        self._clicks_wait = clicks_wait
        self._interval = beat
        self._scheduler = Scheduler("nbjobs-table")
        # Held while a message is numbered, made and sent.
        self._lock = threading.Lock()
        self._seq = 0
        # Filled by whatever thread a job changes in, without a lock; emptied by the scheduler's.
        self._changed: dict[int, Job] = {}
        self._scheduled = False
        self._beating = False
        self._last = 0.0
        self._active: set[int] = set()
        self._closed = False
        self._unsubscribe = manager.subscribe(self.on_event)

    @property
    def seq(self) -> int:
        """The number of the last delta."""
        return self._seq

    def on_event(self, event: JobEvent) -> None:
        """Something has happened to a job."""
        self._changed[event.job.num] = event.job
        # Two threads may both see that nothing is scheduled: then the second finds nothing to do.
        if not self._scheduled:
            self._scheduled = True
            wait = self._last + INTERVAL - time.monotonic()
            if event.kind is not EventKind.STATE:
                wait = max(wait, INTERVAL / 2)
            try:
                self._scheduler.call_later(max(SOON, wait), self._publish)
            except RuntimeError:
                # No thread could be started now; the next event tries again.
                self._scheduled = False
                raise

    def snapshot(self) -> Snapshot:
        """The whole table as it is now."""
        with self._lock:
            return self._snapshot()

    def hello(self, seq: object) -> None:
        """A page is ready and has the table as of `seq`: send it what it lacks."""
        with self._lock:
            if seq == self._seq:
                self._send({"kind": "beat", "seq": self._seq, "now": time.monotonic()})
            else:
                self._send(self._snapshot())

    def close(self) -> None:
        """Send nothing any more."""
        self._unsubscribe()
        with self._lock:
            self._closed = True

    def _snapshot(self) -> Snapshot:
        # The lock must be held.
        rows = [row(job) for job in self._manager]
        self._active = {each.num for each in rows if _is_active(each)}
        self._keep_beating()
        return {
            "kind": "snapshot",
            "seq": self._seq,
            "now": time.monotonic(),
            "columns": Row._fields,
            "rows": rows,
            "clicks_wait": self._clicks_wait,
        }

    def _publish(self) -> None:
        with self._lock:
            # Before the rows are made: what changes from here on asks for another delta.
            self._scheduled = False
            # One by one: a dict put in its place would lose what a thread is putting into this one.
            taken = [self._changed.popitem() for _ in range(len(self._changed))]
            changed = dict(taken)
            if not changed or self._closed:
                return
            # What a group tells of its progress is its workers', who say nothing of their own.
            for part in [part for job in changed.values() for part in job.parts]:
                if part.state is JobState.RUNNING:
                    changed.setdefault(part.num, part)
            rows = []
            gone = []
            for num, job in changed.items():
                if job not in self._manager:
                    gone.append(num)
                    self._active.discard(num)
                    continue
                made = row(job)
                rows.append(made)
                if _is_active(made):
                    self._active.add(num)
                else:
                    self._active.discard(num)
                if made.state == JobState.KILLING:
                    # Where it hangs may change without an event.
                    self._scheduler.call_later(LOOK, partial(self._look_again, job))
            self._seq += 1
            self._last = now = time.monotonic()
            self._send({"kind": "delta", "seq": self._seq, "now": now, "rows": rows, "gone": gone})
            self._keep_beating()

    def _look_again(self, job: Job) -> None:
        if job.state is JobState.KILLING:
            self.on_event(JobEvent(EventKind.STATE, job, job.state))

    def _keep_beating(self) -> None:
        # The lock must be held.
        if not self._beating:
            self._beating = True
            self._scheduler.call_later(self._interval, self._beat)

    def _beat(self) -> None:
        with self._lock:
            self._beating = False
            if self._closed:
                return
            now = time.monotonic()
            quiet = now - self._last >= self._interval / 2
            if quiet:
                self._last = now
                self._send({"kind": "beat", "seq": self._seq, "now": now})
            # After the last delta there is a beat in any case: it says what its number was.
            if self._active or not quiet:
                self._keep_beating()


def _is_active(row: Row) -> bool:
    return row.took is None and row.state not in ("cancelled", "skipped")
