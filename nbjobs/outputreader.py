"""What a job has printed and displayed, for its readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from .capture.recorder import Recorder
    from .job import Job
    from .jobevents import Owner


class OutputReader:
    """Reads a job's recorder; nothing is held here."""

    __slots__ = ()

    if TYPE_CHECKING:
        _owner: Owner

        @property
        def recorder(self) -> Recorder: ...

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
