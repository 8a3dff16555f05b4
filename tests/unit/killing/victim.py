"""A call in a gate on a thread of its own, to be killed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from nbjobs import killing
from nbjobs.context import current
from nbjobs.killing.gate import CLOSED

LIMIT = 10.0


class Owner:
    """Stands for a job."""


class Victim:
    """Runs `call` as a job's code at once; `running` is set when it has begun."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.gate = killing.Gate(Owner())
        self.outcome: killing.Outcome[Any] | None = None
        self.running = threading.Event()
        self._call = call
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        assert self.running.wait(LIMIT)

    def _run(self) -> None:
        current.set(self.gate.owner)
        self.outcome = self.gate.run(self._body)

    def _body(self) -> Any:
        self.running.set()
        return self._call()

    def kill(self, *, force: bool = False) -> killing.Outcome[Any]:
        """Kill it, wait for its end, and check that it was killed; how it ended."""
        killing.kill(self.gate, force=force)
        return self.killed()

    def killed(self) -> killing.Outcome[Any]:
        """Wait for its end, and check that it was killed; how it ended."""
        outcome = self.ended()
        assert self.gate.was_killed(outcome), outcome
        return outcome

    def ended(self) -> killing.Outcome[Any]:
        """Wait for its end; how it ended."""
        self.thread.join(LIMIT)
        assert not self.thread.is_alive(), killing.blocked_in(self.gate)
        assert self.outcome is not None
        assert self.gate.phase == CLOSED
        return self.outcome

    def blocked(self, *words: str) -> None:
        """Wait until the description of where it is blocked has all `words`."""
        until(lambda: all(word in (killing.blocked_in(self.gate) or "") for word in words))


def until(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds."""
    pause = threading.Event()
    for _ in range(int(LIMIT * 1000)):
        if condition():
            return
        pause.wait(0.001)
    raise AssertionError("it has not come about")
