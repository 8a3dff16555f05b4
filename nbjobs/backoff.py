"""How long to wait before something that has failed is tried again."""

from __future__ import annotations

LONGEST = 60.0
"""No pause is longer, in seconds, apart from the random part on top."""


def delay(attempt: int, first: float) -> float:
    """The pause after the given failed attempt, in seconds.

    It doubles each time, and up to `first` seconds are added at random, so that jobs that failed
    together do not come back together.

    Args:
        attempt: How many attempts in a row have failed, from 1.
        first: The pause after the first one, without the random part.
    """
    # Here, because importing it takes longer than importing all of nbjobs.
    from tenacity import RetryCallState, Retrying
    from tenacity.wait import wait_exponential, wait_random

    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = attempt
    doubling = wait_exponential(multiplier=first, max=max(first, LONGEST))
    return doubling(state) + wait_random(0, first)(state)
