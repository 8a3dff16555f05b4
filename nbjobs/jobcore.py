"""What a job holds; the classes that a job is composed of share it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import threading

    from .attempts import Log
    from .capture.recorder import Recorder
    from .capture.store import Limits
    from .endings import Ending
    from .jobevents import Owner, Run
    from .relations import Kin
    from .states import JobState
    from .stopwatch import Stopwatch
    from .task import Options, Task
    from .timers import Timer


class JobCore:
    """The slots of a job, and those of its methods that its parts call."""

    __slots__ = (
        "_ending",
        "_error_text",
        "_limits",
        "_lock",
        "_log",
        "_owner",
        "_recorder",
        "_run",
        "_state",
        "_task",
        "_timed_out",
        "_timer",
        "awaits",
        "clock",
        "kin",
        "num",
        "options",
    )

    if TYPE_CHECKING:
        num: int
        options: Options
        clock: Stopwatch
        kin: Kin | None
        awaits: Any
        _ending: Ending | None
        _error_text: str
        _limits: Limits
        _lock: threading.Lock
        _log: Log | None
        _owner: Owner
        _recorder: Recorder | None
        _run: Run | None
        _state: JobState
        _task: Task | None
        _timed_out: bool
        _timer: Timer | None

        @property
        def state(self) -> JobState: ...

        @property
        def label(self) -> str: ...

        def announce(self) -> None: ...

        def _end(self, ending: Ending) -> bool: ...
