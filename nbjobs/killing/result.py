"""What a kill can say about itself."""

from __future__ import annotations

from enum import StrEnum


class KillResult(StrEnum):
    """What has become of a kill so far."""

    KILLED = "killed"
    PENDING = "pending"
    TOO_LATE = "too late"

    def __repr__(self) -> str:
        """The word itself: it is what a prompt shows in answer to a kill."""
        return self.value
