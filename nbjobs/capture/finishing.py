"""The last outputs of a job: its open figures, its value or its traceback.

To be recorded by the job's own thread while the job still runs: a repr is the user's code, which
may print, take its time, or have to be killed. A job calls `value` or `error`; what they do is set
by whoever has a shell to render with. Without one nothing is recorded.
"""

from __future__ import annotations

from typing import Protocol


class Presenter(Protocol):
    """Turns a value and an error into recorded output, for the job in whose context it is called."""

    def value(self, value: object) -> None:
        """Record the value that the job's code ended with."""

    def error(self, error: BaseException) -> None:
        """Record the error that the job's code ended with."""


presenter: Presenter | None = None


def set_presenter(new: Presenter | None) -> None:
    """Have `new` present what jobs end with; None for nobody."""
    global presenter
    presenter = new


def value(value: object) -> None:
    """The running job's code has ended with `value`."""
    if presenter is not None:
        presenter.value(value)


def error(error: BaseException) -> None:
    """The running job's code has ended with `error`."""
    if presenter is not None:
        presenter.error(error)
