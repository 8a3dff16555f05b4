"""Everything that has to be in place for jobs' output to be caught, put there and taken away."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ..patches import Patches
from . import figures, finishing, forking, publishers, scoped, stdin, terminal
from .presenting import ShellPresenter
from .streams import Proxy, proxied, route_class, routed


class Installation:
    """The capture of jobs' output in `shell`, from construction to `undo`."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self._undo: list[Callable[[], None]] = []
        try:
            self._install()
        except BaseException:
            self.undo()
            raise

    def _install(self) -> None:
        for name in ("stdout", "stderr"):
            self._route(name)
        patches = Patches()
        self._undo.append(patches.undo)
        publishers.install(patches, self.shell)
        scoped.install(patches)
        if not hasattr(self.shell, "kernel"):
            terminal.install(patches, self.shell)
        self._undo.append(stdin.install(self.shell))
        self._undo.append(figures.install())
        self._undo.append(forking.install())
        finishing.set_presenter(ShellPresenter(self.shell))
        self._undo.append(lambda: finishing.set_presenter(None))

    def _route(self, name: str) -> None:
        stream = getattr(sys, name)
        if stream is None or routed(stream):
            return
        if hasattr(self.shell, "kernel") and _written_in_python(stream):
            self._undo.append(route_class(stream, name))
            return
        proxy = proxied(stream, name)
        setattr(sys, name, proxy)

        def undo() -> None:
            # Somebody may have put another stream there since.
            if getattr(sys, name) is proxy:
                setattr(sys, name, proxy.nbjobs_target)

        self._undo.append(undo)

    def undo(self) -> None:
        """Take everything away again, in reverse order."""
        while self._undo:
            self._undo.pop()()


def _written_in_python(stream: Any) -> bool:
    # Only the class of an object with an ordinary __dict__ can be replaced by a subclass.
    return bool(type(stream).__flags__ & (1 << 9)) and not isinstance(stream, Proxy)
