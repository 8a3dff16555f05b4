"""Which job the running code belongs to."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

#: The job (a `nbjobs.job.Job`) that the current code runs for; None in the user's own code.
#: Typed Any because this layer is below the job's.
current: ContextVar[Any] = ContextVar("nbjobs_current", default=None)
