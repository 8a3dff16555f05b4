"""What a killer sees of its victim at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from types import FrameType

from .gate import Gate
from .stacks import frames_of


@dataclass(frozen=True, slots=True)
class Look:
    """The call's stack at one moment.

    Keeps the frames alive: let go of it soon.

    Attributes:
        gate: Whose call it is.
        frames: Its frames, innermost first; empty outside the call.
        offset: Where in the innermost frame's code it is.
    """

    gate: Gate
    frames: list[FrameType]
    offset: int

    @classmethod
    def at(cls, gate: Gate) -> Look:
        """Look at `gate` now."""
        frames = frames_of(gate)
        return cls(gate, frames, frames[0].f_lasti if frames else -1)
