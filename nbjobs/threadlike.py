"""What a job has in common with `threading.Thread` and with upstream's background jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .states import JobState

if TYPE_CHECKING:
    from .jobevents import Run


class ThreadLike:
    """The attributes that code written for threads or upstream's jobs uses.

    All are derived from the job's state; nothing is held here.
    """

    __slots__ = ()

    # Upstream's codes and words, for code that compares with them.
    stat_created_c: ClassVar[int] = 0
    stat_running_c: ClassVar[int] = 1
    stat_completed_c: ClassVar[int] = 2
    stat_dead_c: ClassVar[int] = -1

    _WORDS: ClassVar[dict[int, str]] = {
        0: "Created",
        1: "Running",
        2: "Completed",
        -1: "Dead (Exception), call jobs.traceback() for details",
    }

    if TYPE_CHECKING:
        _run: Run | None

        @property
        def state(self) -> JobState: ...

        def wait(self, timeout: float | None = None) -> bool: ...

    @property
    def ident(self) -> int | None:
        """The ident of the thread that runs it; None when none does."""
        run = self._run
        return None if run is None else run.ident

    @property
    def native_id(self) -> int | None:
        """The operating system's number of the thread that runs it; None when none does."""
        run = self._run
        return None if run is None else run.native_id

    @property
    def blocked_in(self) -> str | None:
        """Where its code is right now, if it is stuck there; None if that cannot be told."""
        run = self._run
        return None if run is None else run.blocked_in()

    def is_alive(self) -> bool:
        """Whether the job has not ended yet."""
        return not self.state.finished

    def join(self, timeout: float | None = None) -> None:
        """Wait until the job has ended, or for `timeout` seconds."""
        self.wait(timeout)

    @property
    def daemon(self) -> bool:
        """Always True: no job keeps the interpreter from exiting."""
        return True

    @property
    def stat_code(self) -> int:
        """Upstream's code: 0 created, 1 running, 2 completed, -1 dead."""
        state = self.state
        if state is JobState.SUCCEEDED:
            return self.stat_completed_c
        if state.finished:
            return self.stat_dead_c
        return self.stat_running_c if state.started else self.stat_created_c

    @property
    def status(self) -> str:
        """Upstream's word for `stat_code`."""
        return self._WORDS[self.stat_code]

    @property
    def finished(self) -> bool | None:
        """As upstream: True when it succeeded, None when it died, False before."""
        return {self.stat_completed_c: True, self.stat_dead_c: None}.get(self.stat_code, False)
