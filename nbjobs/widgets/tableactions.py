"""What a click in the table does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..exceptions import JobError
from ..job import Job
from ..text import listed, plural
from ..threads import ServiceThread
from .tablemessages import FromKernel, FromPage, numbers
from .tablerows import drawer

if TYPE_CHECKING:
    from ..manager import JobManager
    from .tablefeed import TableFeed

log = logging.getLogger(__name__)


class TableActions:
    """Serves the messages of the pages.

    They arrive in a thread that other widgets wait for, and while a cell runs: nothing here may
    wait, or start a job, which would be taken for that cell's.

    Args:
        manager: Whose jobs.
        feed: The table's feed.
        send: Sends a message to all pages.
    """

    def __init__(
        self, manager: JobManager, feed: TableFeed, send: Callable[[FromKernel], object]
    ) -> None:
        self._manager = manager
        self._feed = feed
        self._send = send

    def serve(self, message: FromPage) -> None:
        """Do what a message asks for; say so, and say what went wrong."""
        try:
            self._serve(message)
        except (JobError, ValueError) as error:
            self._say(str(error), error=True)

    def _serve(self, message: FromPage) -> None:
        match message.get("kind"):
            case "hello":
                self._feed.hello(message.get("seq"))
            case "kill":
                self._kill(self._jobs(message))
            case "show":
                for job in self._jobs(message):
                    self._send(drawer(job))
            case "rerun":
                jobs = self._jobs(message)
                ServiceThread(lambda: self._rerun(jobs), "nbjobs-rerun").start()
            case "flush":
                ServiceThread(self._flush, "nbjobs-flush").start()
            case other:
                log.warning("nbjobs: the table sent a message of an unknown kind: %r", other)

    def _jobs(self, message: FromPage) -> list[Job]:
        return self._manager.select(*numbers(message))

    def _kill(self, jobs: list[Job]) -> None:
        # All are asked, and none is waited for: the table shows when each has ended.
        asked = [job.num for job in jobs if job.ask_to_end()]
        late = len(jobs) - len(asked)
        text = f"Killing {_these(asked)}." if asked else ""
        if late:
            text += f" {plural(late, 'job')} had ended already."
        self._say(text.strip())

    def _rerun(self, jobs: list[Job]) -> None:
        try:
            again = [job.rerun().num for job in jobs]
        except (JobError, ValueError) as error:
            self._say(str(error), error=True)
        else:
            self._say(f"Started again as {_these(again)}.")

    def _flush(self) -> None:
        ended = [job for job in self._manager if not job.is_alive()]
        for job in ended:
            self._manager.remove(job)
        self._say(f"Removed {plural(len(ended), 'finished job')}.")

    def _say(self, text: str, *, error: bool = False) -> None:
        self._send({"kind": "say", "text": text, "error": error})


def _these(nums: list[int]) -> str:
    if len(nums) > 8:
        return plural(len(nums), "job")
    return f"job{'s' if len(nums) > 1 else ''} {listed(map(str, nums))}"
