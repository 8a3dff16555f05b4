"""Waking those who wait for something to happen, in threads and in event loops."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress


class Bell:
    """Rings for all who wait; ringing costs next to nothing while nobody does.

    Who waits says so first and looks then; who rings has done the deed first and asks then
    whether anybody waits. So one of the two sees the other.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._loops: list[Callable[[], None]] = []
        self.awaited = 0

    def ring(self) -> None:
        """Wake everybody, if there is anybody."""
        if not self.awaited:
            return
        with self._changed:
            self._changed.notify_all()
            loops, self._loops = self._loops, []
        for wake in loops:
            wake()

    def wait(self, happened: Callable[[], bool]) -> None:
        """Wait until something has happened; it is asked again after each ring."""
        with self._changed:
            self.awaited += 1
            try:
                while not happened():
                    self._changed.wait()
            finally:
                self.awaited -= 1

    async def wait_async(self, happened: Callable[[], bool]) -> None:
        """The same in a coroutine."""
        loop = asyncio.get_running_loop()
        with self._changed:
            self.awaited += 1
        try:
            while True:
                rung: asyncio.Future[None] = loop.create_future()

                def wake(rung: asyncio.Future[None] = rung) -> None:
                    with suppress(RuntimeError):  # The loop was closed: nobody waits any more.
                        loop.call_soon_threadsafe(_finish, rung)

                with self._changed:
                    self._loops.append(wake)
                if happened():
                    return
                await rung
        finally:
            with self._changed:
                self.awaited -= 1


def _finish(rung: asyncio.Future[None]) -> None:
    if not rung.done():
        rung.set_result(None)
