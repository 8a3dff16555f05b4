"""What a job has printed and displayed: where it is kept, and for its readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .capture.recorder import Recorder
from .capture.store import Limits
from .jobcore import JobCore
from .jobevents import EventKind

if TYPE_CHECKING:
    from .job import Job
    from .states import JobState


class OutputReader(JobCore):
    """A job's recorder, made when it is first asked for, and what can be read of it."""

    __slots__ = ()

    if TYPE_CHECKING:

        def _publish(self, kind: EventKind, state: JobState) -> None: ...

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._recorder = None

    @property
    def recorder(self) -> Recorder:
        """Where its output is kept."""
        if self._recorder is None:
            with self._lock:
                if self._recorder is None:
                    self._recorder = Recorder(self._on_output, self._limits)
        return self._recorder

    @property
    def has_output(self) -> bool:
        """Whether it may have put out anything; asking costs nothing, unlike reading."""
        return self._recorder is not None

    @property
    def stdout(self) -> str:
        """What it has printed; of much output, the start and the end."""
        return self.recorder.text("stdout")

    @property
    def stderr(self) -> str:
        """What it has printed to stderr: warnings and log lines, too."""
        return self.recorder.text("stderr")

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """Everything it has put out, in order, as outputs of a notebook file."""
        return self.recorder.outputs

    def show(self) -> None:
        """Show its output in the running cell: live while it runs, afterwards all that is kept."""
        self._owner.show(cast("Job", self))

    def _on_output(self) -> None:
        self._publish(EventKind.OUTPUT, self.state)
