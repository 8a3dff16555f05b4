"""How far a job is: something to read, and to call from inside the job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Count(NamedTuple):
    """So many `done` out of `total`; None where it is not known."""

    done: float | None
    total: float | None


class Progress(Count):
    """The progress of a job, as a pair `(done, total)`; calling it sets new values.

    Example:
        `job.progress` is `(40, 100)`; the job's code says `current_job().progress(41, 100)`.
    """

    _report: Callable[[Progress], Any] | None = None
    description: str = ""

    @classmethod
    def of(cls, count: Count, report: Callable[[Progress], Any]) -> Progress:
        """The progress `count`, whose calls go to `report`."""
        progress = cls(*count)
        progress.description = getattr(count, "description", "")
        progress._report = report
        return progress

    def __call__(
        self, done: float, total: float | None = None, description: str | None = None
    ) -> None:
        """Say how far the job is.

        Args:
            done: Units of work done so far.
            total: Units of work in all; None if that is not known, or not known to have changed.
            description: What is being done, in a word or two; None if that has not changed.

        Raises:
            TypeError: One of them is not a number.
        """
        for value in (done, total):
            if not isinstance(value, int | float) and value is not None:
                raise TypeError(f"progress takes numbers, not {type(value).__name__}")
        if self._report is not None:
            news = Progress(done, self.total if total is None else total)
            news.description = self.description if description is None else str(description)
            self._report(news)

    @property
    def fraction(self) -> float | None:
        """The part that is done, from 0.0 to 1.0; None where there is no telling."""
        if self.done is None or not self.total:
            return None
        return min(1.0, max(0.0, self.done / self.total))
