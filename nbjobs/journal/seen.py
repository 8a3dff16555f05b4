"""What an event has shown of a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..capture.recorder import Recorder
    from ..endings import Ending
    from ..states import JobState


class Seen(NamedTuple):
    """A job as an event has shown it.

    The ending and the recorder of one that has ended are held here: it may be removed, and let go
    of them, before it is written.
    """

    state: JobState
    ending: Ending | None
    recorder: Recorder | None
