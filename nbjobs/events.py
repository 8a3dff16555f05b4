"""A broadcast to subscribers, none of which can hurt the sender or the others."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

E = TypeVar("E")


class EventStream(Generic[E]):
    """Hands each published event to every subscriber, in the order of subscription.

    A subscriber is called in the thread that publishes and must return soon. One that raises is
    logged, and neither the publisher nor the other subscribers notice.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Replaced, never changed: publishing reads it without the lock.
        self._subscribers: tuple[Callable[[E], object], ...] = ()

    def subscribe(self, callback: Callable[[E], object]) -> Callable[[], None]:
        """Call `callback` with every event from now on.

        Returns:
            A function that ends the subscription; calling it again does nothing.

        Raises:
            TypeError: `callback` cannot be called.
        """
        if not callable(callback):
            raise TypeError(f"a subscriber must be callable, not {type(callback).__name__}")

        def deliver(event: E) -> object:
            return callback(event)

        with self._lock:
            self._subscribers = (*self._subscribers, deliver)

        def unsubscribe() -> None:
            with self._lock:
                # By identity: the same callback may have been subscribed twice.
                self._subscribers = tuple(s for s in self._subscribers if s is not deliver)

        return unsubscribe

    def publish(self, event: E) -> None:
        """Call every subscriber with `event`."""
        for subscriber in self._subscribers:
            try:
                subscriber(event)
            except Exception:
                log.exception("nbjobs: a subscriber failed on %r", event)
