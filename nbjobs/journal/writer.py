"""The one thread that writes a journal: in batches, and asleep while nothing happens.

Guarantees:

- Telling it of a job is an append to a deque and a look at a lock, and may be done anywhere, also
  in a `__del__` in the middle of another such call. Nobody waits for the file.
- What it was told of is in the file `WINDOW` later, plus the time it takes to write it.
- While nothing happens it sleeps without a timeout: no wake-ups.
- Whatever is needed for writing is imported by the thread itself, and not by who starts it.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..threads import ServiceThread
from .alarm import Alarm
from .options import Keeping, Self

if TYPE_CHECKING:
    from ..job import Job
    from .scribe import Scribe
    from .seen import Seen

WINDOW = 0.08
"""How long, in seconds, more is gathered before it is written."""

AT_THE_END = 1.0
"""How long, in seconds, results that are still being pickled are waited for in the end."""

BETWEEN = 0.05


class Writer:
    """Writes what it is told of, from construction to `close`.

    Args:
        keeping: Where, and how much.
        me: What this session tells of itself.
        say: Called, in the writer's thread, with a line for the user.
        open_door: Called in the writer's thread before the session is entered.

    Attributes:
        told: What it has been told of and has not taken up; an event is set when all before it is
            written.
        touched: The running jobs that it has been told of and has not looked at since.
    """

    def __init__(
        self, keeping: Keeping, me: Self, say: Callable[[str], None], open_door: Callable[[], None]
    ) -> None:
        self.keeping = keeping
        self.me = me
        self.say = say
        self.open_door = open_door
        self.told: deque[tuple[Job, Seen] | threading.Event] = deque()
        self.touched: set[Job] = set()
        self._alarm = Alarm(WINDOW)
        self._scribe: Scribe | None = None
        self._closing = False
        self._pid = os.getpid()
        self._start_lock = threading.Lock()
        self._thread: ServiceThread | None = None

    def tell(self, job: Job, seen: Seen) -> None:
        """Something has happened to a job."""
        self.told.append((job, seen))
        self.wake()

    def wake(self) -> None:
        """Have it look; starts its thread if there is none."""
        if self._thread is None:
            self._start()
        self._alarm.ring()

    @property
    def session(self) -> int | None:
        """The number of this session in the file, if it has one."""
        scribe = self._scribe
        return None if scribe is None else scribe.session

    def flush(self, timeout: float) -> bool:
        """Wait until all that it was told of is written; False if it is not in `timeout` s."""
        if self._thread is None or os.getpid() != self._pid:
            return True
        done = threading.Event()
        self.told.append(done)
        self._hasten()
        return done.wait(timeout) and self._scribe is not None and not self._scribe.unwritten

    def close(self, timeout: float) -> None:
        """Write the rest and end the session and the thread, in at most `timeout` seconds."""
        thread = self._thread
        if thread is None or os.getpid() != self._pid:
            return
        self._closing = True
        self._hasten()
        thread.join(timeout)

    def _hasten(self) -> None:
        self.wake()
        self._alarm.hasten()

    def _start(self) -> None:
        with self._start_lock:
            if self._thread is not None or self._closing:
                return
            thread = ServiceThread(self._run, "nbjobs-journal")
            try:
                thread.start()
            except RuntimeError:
                return  # The interpreter ends.
            self._thread = thread

    def _run(self) -> None:
        # Here, in the thread: it takes longer than to start a job.
        from .scribe import Scribe

        scribe = self._scribe = Scribe(self)
        pause: float | None = None
        while not self._closing:
            self._alarm.sleep(pause)
            pause = scribe.work()
        end = time.monotonic() + AT_THE_END
        self.told.append(threading.Event())  # Somebody waits: write everything.
        while scribe.work() is not None and time.monotonic() < end and not scribe.failing:
            time.sleep(BETWEEN)
        scribe.close()
