"""The last outputs of a job: its open figures, its value or its traceback.

To be recorded by the job's own thread while the job still runs: a repr is the user's code, which
may print, take its time, or have to be killed. A job calls `value` or `error`; what they do is set
by whoever has a shell to render with. Without one nothing is recorded.
"""

from __future__ import annotations

import logging
from typing import Protocol

log = logging.getLogger(__name__)


class Presenter(Protocol):
    """Records what a job ends with, for the job in whose context it is called."""

    def start(self) -> None:
        """The job's code is about to begin."""

    def value(self, value: object) -> None:
        """Record the value that the job's code ended with."""

    def error(self, error: BaseException) -> None:
        """Record the error that the job's code ended with."""


_presenter: Presenter | None = None


def set_presenter(presenter: Presenter | None) -> None:
    """Have `presenter` present what jobs end with; None for nobody."""
    global _presenter
    _presenter = presenter


def presented() -> bool:
    """Whether there is somebody who presents: a shell."""
    return _presenter is not None


# Presenting calls the user's code: a repr, or a formatter. An error there is not the job's.


def start() -> None:
    """The running job's code is about to begin."""
    if _presenter is not None:
        try:
            _presenter.start()
        except Exception:
            log.exception("nbjobs: the start of a job could not be presented")


def value(value: object) -> None:
    """The running job's code has ended with `value`."""
    if _presenter is not None:
        try:
            _presenter.value(value)
        except Exception:
            log.exception("nbjobs: a job's value could not be presented")


def error(error: BaseException) -> None:
    """The running job's code has ended with `error`."""
    if _presenter is not None:
        try:
            _presenter.error(error)
        except Exception:
            log.exception("nbjobs: a job's error could not be presented")
