"""A job in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .text import one_line, seconds

if TYPE_CHECKING:
    from .endings import Ending
    from .states import JobState
    from .task import Options


class Described:
    """What a job is called and how it shows itself at a prompt; nothing is held here."""

    __slots__ = ()

    if TYPE_CHECKING:
        num: int
        source: str
        options: Options
        _ending: Ending | None

        @property
        def state(self) -> JobState: ...

        @property
        def elapsed(self) -> float: ...

    @property
    def name(self) -> str | None:
        """The name it was given."""
        return self.options.name

    @property
    def label(self) -> str:
        """Its name, or the first line of its source."""
        if self.name:
            return self.name
        first, *more = self.source.strip().splitlines() or [""]
        return one_line(f"{first} …" if more else first)

    def outcome(self, width: int = 60) -> str:
        """The result, or the error, in at most `width` characters; nothing before the end."""
        ending = self._ending
        return "" if ending is None else ending.summary(width)

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
