"""Looking at the output of a manager's jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .exceptions import JobError
from .registry import Key

if TYPE_CHECKING:
    from .job import Job
    from .jobevents import Chronicle, Display


class Viewing:
    """A manager's verbs for output; how it is shown is up to the display, if there is one."""

    display: Display | None
    #: Knows earlier sessions' jobs; None where nothing is kept.
    chronicle: Chronicle | None = None

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

    def history(
        self,
        *,
        name: str | None = None,
        state: Any = None,
        since: Any = None,
        until: Any = None,
        session: int | None = None,
        last: bool = False,
    ) -> Any:
        """The jobs in the journal, of this session and of earlier ones, newest first.

        Args:
            name: Those of that name, or with that text in their source.
            state: Those in that state, or in one of several: `"failed"`, `("lost", "killed")`.
            since: Those submitted at that moment or later: a date, or as text `"2026-11-20"`, or
                how long ago, `"12h"`.
            until: Those submitted before that moment.
            session: Those of the session of that number.
            last: Those of the newest session before this one.

        Returns:
            A `History`: it shows itself as a table; `history()[id]` has `result`, `stdout`,
            `outputs`, `show()` and `rerun()`.

        Raises:
            JobError: Nothing is kept, or it cannot be read.
            ValueError: A state or a moment makes no sense.
        """
        if self.chronicle is None:
            raise JobError(
                "there is no journal: it is kept where %load_ext nbjobs has been run, unless "
                "%config NbJobs.journal is False"
            )
        return self.chronicle.history(
            name=name, state=state, since=since, until=until, session=session, last=last
        )
