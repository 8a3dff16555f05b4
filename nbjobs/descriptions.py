"""A job in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .text import label_of, one_line, seconds

if TYPE_CHECKING:
    from datetime import datetime

    from .endings import Ending
    from .states import JobState
    from .stopwatch import Stopwatch
    from .task import Options


class Described:
    """What a job is called and how it shows itself at a prompt; nothing is held here."""

    __slots__ = ()

    if TYPE_CHECKING:
        num: int
        source: str
        options: Options
        clock: Stopwatch
        _ending: Ending | None

        @property
        def state(self) -> JobState: ...

        def waits_for(self) -> str: ...

        def attempts_text(self) -> str: ...

        @property
        def stdout(self) -> str: ...

        @property
        def stderr(self) -> str: ...

        @property
        def outputs(self) -> list[dict[str, Any]]: ...

    @property
    def name(self) -> str | None:
        """The name it was given."""
        return self.options.name

    @property
    def label(self) -> str:
        """Its name, or the first line of its source."""
        return label_of(self.name, self.source)

    @property
    def submitted(self) -> datetime:
        """When it was made."""
        return self.clock.submitted

    @property
    def started(self) -> datetime | None:
        """When its work began; None before."""
        return self.clock.started

    @property
    def completed(self) -> datetime | None:
        """When it ended; None before."""
        return self.clock.ended

    @property
    def elapsed(self) -> float:
        """Seconds it has run, or ran; 0.0 before the start."""
        return self.clock.elapsed

    @property
    def serial_time(self) -> float:
        """Seconds of work in all; a single job's are those elapsed."""
        return self.clock.elapsed

    @property
    def metadata(self) -> dict[str, Any]:
        """What is known about it, under ipyparallel's names where they fit."""
        return {
            "msg_id": self.num,
            "name": self.name,
            "source": self.source,
            "status": self.state.value,
            "submitted": self.submitted,
            "started": self.started,
            "completed": self.completed,
            "elapsed": self.elapsed,
            "stdout": self.stdout,
            "stderr": self.stderr,
            "outputs": self.outputs,
        }

    def outcome(self, width: int = 60) -> str:
        """The result, or the error, in at most `width` characters.

        Before the end, what it waits for, or which attempt this is; nothing for most jobs.
        """
        ending = self._ending
        if ending is None:
            return one_line(self.waits_for() or self.attempts_text(), width)
        return ending.summary(width)

    def summary(self, width: int = 60) -> str:
        """State, time and outcome in a line, as `failed after 0.3 s: ValueError: no such page`."""
        state = self.state
        parts = str(state)
        if state.started:
            parts += (
                f" after {seconds(self.elapsed)}"
                if state.finished
                else f", {seconds(self.elapsed)}"
            )
        outcome = self.outcome(width)
        return f"{parts}: {outcome}" if outcome else parts

    def __repr__(self) -> str:
        """Upstream's form; see `summary` for more."""
        return f"<BackgroundJob #{self.num}: {one_line(self.source, 200)}>"

    def __str__(self) -> str:
        return self.source

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"Job {self.num} [{self.summary()}] {self.label}")
