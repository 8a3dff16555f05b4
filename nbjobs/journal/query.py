"""Which jobs of a journal are meant, as SQL."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ..states import JobState

When = datetime | date | timedelta | str
"""A moment: a date, how long ago, or either as text: `2026-11-20`, `2026-11-20 09:30`, `12h`."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_AGO = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])$")


@dataclass(frozen=True)
class Query:
    """What to look for; None is for whatever.

    Attributes:
        name: The jobs with that name, or with that text in their source.
        state: Those that ended that way; of several ways, any.
        since: Those submitted at that moment or later, by seconds since 1970.
        until: Those submitted before that moment.
        session: Those of that session.
    """

    name: str | None = None
    state: tuple[JobState, ...] = ()
    since: float | None = None
    until: float | None = None
    session: int | None = None

    def conditions(self, dead: list[int]) -> tuple[str, list[Any]]:
        """A WHERE clause and its values; `dead` are sessions that nobody has noted as lost yet."""
        terms: list[str] = []
        values: list[Any] = []

        def add(term: str, *its: Any) -> None:
            terms.append(term)
            values.extend(its)

        if self.name is not None:
            add("(name = ? OR instr(source, ?))", self.name, self.name)
        if self.state:
            add(*_state_term(self.state, dead))
        if self.since is not None:
            add("submitted >= ?", self.since)
        if self.until is not None:
            add("submitted < ?", self.until)
        if self.session is not None:
            add("session = ?", self.session)
        return (f"WHERE {' AND '.join(terms)}" if terms else ""), values


def states_of(state: str | JobState | tuple[str | JobState, ...] | None) -> tuple[JobState, ...]:
    """The states meant, by their words.

    Raises:
        ValueError: There is no such state.
    """
    given = () if state is None else (state,) if isinstance(state, str) else tuple(state)
    found = []
    for each in given:
        try:
            found.append(JobState(str(each).replace("_", " ").lower()))
        except ValueError:
            known = ", ".join(JobState)
            raise ValueError(f"there is no state {each!r}; the states are {known}") from None
    return tuple(found)


def moment_of(when: When | None) -> float | None:
    """A moment in seconds since 1970.

    Raises:
        ValueError: The text is no moment.
    """
    if when is None:
        return None
    if isinstance(when, str):
        ago = _AGO.match(when.strip())
        if ago is not None:
            return time.time() - float(ago[1]) * _UNITS[ago[2]]
        try:
            when = datetime.fromisoformat(when.strip())
        except ValueError:
            raise ValueError(
                f"no moment: {when!r}; write a date such as 2026-11-20, with a time if you like, "
                "or how long ago, such as 30m, 12h or 7d"
            ) from None
    if isinstance(when, timedelta):
        return time.time() - when.total_seconds()
    if not isinstance(when, datetime):
        when = datetime(when.year, when.month, when.day)
    return when.timestamp()


def add_query(parser: Any) -> None:
    """The options to ask for jobs by; the same at the prompt and on the command line."""
    add = parser.add_argument
    add("--name", metavar="NAME", help="those of that name, or with that text in their source")
    add(
        "--state", action="append", metavar="STATE",
        help="those in that state; may be given several times",
    )  # fmt: skip
    add("--since", metavar="WHEN", help="submitted since then: 2026-11-20, or 30m, 12h, 7d ago")
    add("--until", metavar="WHEN", help="submitted before then")
    add("--session", type=int, metavar="N", help="those of the session of that number")
    add("--last", action="store_true", help="those of the newest session, here; before this one, "
        "in a notebook")  # fmt: skip


def _state_term(states: tuple[JobState, ...], dead: list[int]) -> tuple[Any, ...]:
    marks = ", ".join("?" * len(states))
    own = f"state IN ({marks})"
    words = [str(state) for state in states]
    if not dead:
        return (own, *words)
    # Their unfinished jobs are lost, whatever is written.
    sessions = ", ".join("?" * len(dead))
    ended = [str(state) for state in JobState if state.finished]
    over = ", ".join("?" * len(ended))
    gone = f"(session IN ({sessions}) AND state NOT IN ({over}))"
    if JobState.LOST in states:
        return (f"({own} OR {gone})", *words, *dead, *ended)
    return (f"({own} AND NOT {gone})", *words, *dead, *ended)
