"""A job's code, as it runs: in its own context, its last outputs recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .capture import finishing
from .context import current
from .jobcore import JobCore
from .killing import KillSignal
from .tracebacks import error_text


class Execution(JobCore):
    """What an executor calls before and after the job's code; nothing is held here."""

    __slots__ = ()

    def enter(self) -> None:
        """From here on the code of this context is the job's."""
        current.set(self)
        finishing.start()

    def leave(self, value: Any, error: BaseException | None) -> None:
        """The code has returned `value`, or raised `error`: record that.

        In its own thread, and while it can be killed: a repr, or an error's __str__, is the user's
        code, and may block.
        """
        if error is None:
            finishing.value(value)
            return
        self._error_text = error_text(error)
        finishing.error(error)

    def _execute(self, call: Callable[[], Any]) -> Any:
        self.enter()
        try:
            value = call()
            self.leave(value, None)
        except KillSignal:
            raise
        except BaseException as error:
            self.leave(None, error)
            raise
        return value
