"""Sessions in a journal: begun, ended, or lost with their process."""

from __future__ import annotations

import sqlite3
import time

from ..states import FINISHED, JobState
from ..text import plural
from .options import Self
from .presence import Presence

OVER = tuple(str(state) for state in FINISHED)
_MARKS = ", ".join("?" * len(OVER))


def begin(connection: sqlite3.Connection, presence: Presence, me: Self) -> int:
    """Enter a session of this process; inside a transaction.

    Its number is locked before anybody can see it, so that nobody takes it for a dead one.
    """
    while True:
        cursor = connection.execute(
            "INSERT INTO sessions (pid, host, folder, python, socket, token, started) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (me.pid, me.host, me.folder, me.python, me.socket, me.token, time.time()),
        )
        session = cursor.lastrowid
        assert session is not None
        if presence.hold(session):
            return session
        connection.execute("DELETE FROM sessions WHERE id = ?", (session,))


def end(connection: sqlite3.Connection, session: int) -> None:
    """The session has ended as it should; inside a transaction.

    Jobs that have still not ended by then hang in a call that nothing can cut, and go with it.
    """
    connection.execute("UPDATE sessions SET ended = ? WHERE id = ?", (time.time(), session))
    connection.execute(
        f"UPDATE jobs SET state = ? WHERE session = ? AND state NOT IN ({_MARKS})",
        (str(JobState.LOST), session, *OVER),
    )


def lost(connection: sqlite3.Connection, presence: Presence) -> list[int]:
    """The sessions that have neither ended nor are alive."""
    open_ = connection.execute("SELECT id FROM sessions WHERE ended IS NULL").fetchall()
    return [session for (session,) in open_ if not presence.alive(session)]


def mark_lost(connection: sqlite3.Connection, presence: Presence) -> None:
    """Note of dead sessions that they and their unfinished jobs are lost; inside a transaction."""
    for session in lost(connection, presence):
        connection.execute(
            f"UPDATE jobs SET state = ? WHERE session = ? AND state NOT IN ({_MARKS})",
            (str(JobState.LOST), session, *OVER),
        )
        connection.execute(
            "UPDATE sessions SET lost = 1, ended = max(started, coalesce((SELECT max(coalesce("
            "ended, started, submitted)) FROM jobs WHERE session = sessions.id), 0)) WHERE id = ?",
            (session,),
        )


def news_of_lost(connection: sqlite3.Connection) -> str:
    """A line about the newest lost session that nobody has been told of; inside a transaction."""
    row = connection.execute(
        "SELECT id, ended FROM sessions WHERE lost AND NOT told ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return ""
    connection.execute("UPDATE sessions SET told = 1 WHERE lost")
    session, ended = row
    states = [
        state
        for (state,) in connection.execute("SELECT state FROM jobs WHERE session = ?", (session,))
    ]
    if not states:
        return ""
    gone = states.count(str(JobState.LOST))
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(ended))
    return (
        f"nbjobs: the kernel of session {session} died after {when}: of its "
        f"{plural(len(states), 'job')}, {len(states) - gone} had ended and {gone} "
        f"{'was' if gone == 1 else 'were'} lost. See %jobs history --session {session}"
    )
