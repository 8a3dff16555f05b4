"""What an executor's threads do before their first call: the `initializer` of the standard library.

Threads serve all jobs here, one after the other. So each is prepared when it gets its first call
of the executor, and remembers that it has been.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures.thread import BrokenThreadPool
from typing import Any

from .killing import KillSignal
from .text import short_repr

# Where the standard library logs the same.
_log = logging.getLogger("concurrent.futures")


class Initializer:
    """Prepares each thread once for one executor.

    Args:
        function: The initializer.
        args: Its arguments.

    Raises:
        TypeError: The initializer cannot be called.
    """

    def __init__(self, function: Callable[..., object], args: tuple[Any, ...]) -> None:
        if not callable(function):
            # In the standard library's words.
            raise TypeError(f"initializer must be a callable, not {short_repr(function)}")
        self._function = function
        self._args = tuple(args)
        self._prepared = threading.local()
        self._broken = False

    def check(self) -> None:
        """Raise BrokenThreadPool if it has failed before: no call is begun any more."""
        if self._broken:
            raise BrokenThreadPool("the executor's initializer failed: no call can be made")

    def run(self, call: Callable[[], Any]) -> Any:
        """Make `call` in this thread, which is prepared if that has not been done.

        Raises:
            BrokenThreadPool: The initializer fails, or has failed in another thread.
        """
        self.check()
        if not hasattr(self._prepared, "done"):
            self._prepare()
        return call()

    def _prepare(self) -> None:
        try:
            self._function(*self._args)
        except KillSignal:
            raise  # Of this one call: the next will prepare the thread.
        except BaseException as error:
            self._broken = True
            _log.critical("Exception in initializer:", exc_info=True)
            raise BrokenThreadPool("the executor's initializer failed") from error
        self._prepared.done = True
