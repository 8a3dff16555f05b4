"""Looking at the output of a manager's jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .registry import Key

if TYPE_CHECKING:
    from .job import Job
    from .jobevents import Display


class Viewing:
    """A manager's verbs for output; how it is shown is up to the display, if there is one."""

    display: Display | None

    if TYPE_CHECKING:

        def __getitem__(self, which: Key) -> Job: ...

    def output(self, which: Key, tail: int | None = None) -> str:
        """What a job has printed, on both streams as it came, as text.

        Args:
            which: A number, a name or a job.
            tail: How many of the last lines; None for everything that is kept.

        Raises:
            JobNotFound: There is no such job.
        """
        recorder = self[which].recorder
        return recorder.printed() if tail is None else recorder.tail(tail)

    def show(self, which: Key) -> None:
        """Show a job's output in the running cell; without a shell, print it.

        Raises:
            JobNotFound: There is no such job.
        """
        job = self[which]
        if self.display is not None:
            self.display.show(job)
        else:
            print(job.recorder.printed())

    def follow(self, which: Key) -> None:
        """Show a job's output as it comes until it has ended; an interrupt stops that.

        Raises:
            JobNotFound: There is no such job.
        """
        job = self[which]
        if self.display is not None:
            self.display.follow(job)
        else:
            job.wait()
            print(job.recorder.printed())
