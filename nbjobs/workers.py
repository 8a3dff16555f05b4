"""The workers of a group, one by one and all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .endings import Ending
from .job import Job
from .jobevents import Owner
from .progress import Count, Progress
from .task import Options, Task

if TYPE_CHECKING:
    from .capture.recorder import Recorder
    from .groups import JobGroup
    from .mapping import Work


class Worker(Job):
    """One of a group's workers: a job of its own, whose output goes to the group."""

    __slots__ = ("_group", "_index")

    def __init__(self, num: int, group: JobGroup, index: int, owner: Owner) -> None:
        work = group.work
        task = Task(lambda: work.run(index), f"{group.source} [worker {index + 1}]")
        super().__init__(
            num, task, Options(silent=True, queue=group.options.queue, on=group.options.on), owner
        )
        self._group = group
        self._index = index
        # Of a map that was killed one line is enough at the prompt: the group's.
        self.noticed = True

    @property
    def work(self) -> Work:
        """What all workers of the group do."""
        return self._group.work

    @property
    def group(self) -> JobGroup:
        """The group that it is a worker of: it works on that one's items."""
        return self._group

    @property
    def index(self) -> int:
        """Which of the group's workers it is."""
        return self._index

    @property
    def recorder(self) -> Recorder:
        """Where its output is kept: with the group's."""
        return self._group.recorder

    @property
    def progress(self) -> Progress:
        """How many items it has done."""
        done = self._group.work.hands[self._index].done
        return Progress.of(Count(done, None), lambda _: None)

    def _end(self, ending: Ending) -> bool:
        ended = super()._end(ending)
        if ended:
            self._group.worker_ended(self._index, ending)
        return ended


class Workers:
    """What a group runs on."""

    __slots__ = ("_group",)

    ident = None
    native_id = None

    def __init__(self, group: JobGroup) -> None:
        self._group = group

    def kill(self, *, force: bool) -> None:
        """Have all workers end, side by side; those that have not begun never do."""
        for worker in reversed(self._group.parts):
            worker.ask_to_end(force=force)

    def blocked_in(self) -> str | None:
        """Where the first worker that has not ended hangs."""
        places = (worker.blocked_in for worker in self._group.parts if worker.is_alive())
        return next((place for place in places if place), None)
