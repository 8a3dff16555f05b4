"""What can be tuned about killing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class KillSettings:
    """Times in seconds.

    Attributes:
        deferral: How long to look for a safe point closely before looking more rarely.
        cooperation: How long an event loop has to end its tasks before it is interrupted.
        term_grace: How long a child process has to end after TERM before it gets KILL.
        shield_limit: How long a shield holds a kill off.
        first_pause: Between the first attempts.
        last_pause: Between attempts in the long run, as long as the call has not ended.
        growth: How much longer each pause is than the one before.
    """

    deferral: float = 0.25
    cooperation: float = 0.3
    term_grace: float = 0.25
    shield_limit: float = 60.0
    first_pause: float = 0.001
    last_pause: float = 0.25
    growth: float = 1.5


settings = KillSettings()
