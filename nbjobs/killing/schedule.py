"""The one thread on which all kills go on, while there are any."""

from __future__ import annotations

from ..timers import Scheduler

scheduler = Scheduler("nbjobs killer")
