"""`%load_ext nbjobs` and `%unload_ext nbjobs`: put everything in place, and take it away again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from IPython.core.extensions import ExtensionManager

from . import capture, completion, journaling, killing, tracking
from .capture.store import Limits
from .chunks import get_chunks
from .display import prompt
from .display.installation import Display
from .killthread import kill_thread
from .magics import JobMagics
from .manager import JobManager
from .notify import Notifier, ring_bell
from .settings import NbJobs
from .shellerrors import shell_renderer
from .tables import close_table, notify_in_page
from .text import listed

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .display.live import LiveView, MakeView

_loaded: WeakKeyDictionary[InteractiveShell, Extension] = WeakKeyDictionary()
_kept: WeakKeyDictionary[InteractiveShell, JobManager] = WeakKeyDictionary()
"""Managers with their jobs, between the two halves of a `%reload_ext`."""


class Extension:
    """What one shell has been given."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.manager = _kept.pop(shell) if shell in _kept else JobManager()
        self._undo = ExitStack()
        settings = NbJobs(parent=shell)
        self.manager.render = shell_renderer(shell)
        self._add_configurable(shell, settings)
        self._add_kill_settings(settings)
        self._add_limits(settings)
        self._add_engines(settings)
        self._add_magics(shell, settings)
        self._undo.callback(completion.install(shell, self.manager))
        self._add_output(shell, settings)
        self._undo.callback(prompt.install(shell, self.manager, settings))
        self._add_notifier(shell, settings)
        self._undo.callback(tracking.follow_tqdm())
        self._add_names(shell)
        self._add_exit(shell)
        self._journaling = journaling.attach(shell, self.manager, settings)

    def remove(self, *, keep_jobs: bool) -> JobManager | None:
        """Undo everything; kill the jobs unless they are to be kept."""
        if not keep_jobs:
            # First, so that their panels still show how they end.
            self.manager.close()
        self._undo.close()
        if keep_jobs:
            self._journaling.detach()
            return self.manager
        # After the jobs: their ends belong into it.
        self._journaling.close()
        return None

    def _add_configurable(self, shell: InteractiveShell, settings: NbJobs) -> None:
        # Typed by IPython as a list of shells, which it is not.
        configurables = cast("list[Any]", shell.configurables)
        configurables.append(settings)
        self._undo.callback(lambda: _drop(configurables, settings))

    def _add_kill_settings(self, settings: NbJobs) -> None:
        before = killing.settings.shield_limit

        def apply(_: object = None) -> None:
            killing.settings.shield_limit = settings.shield_limit

        apply()
        settings.observe(apply, "shield_limit")
        self._undo.callback(setattr, killing.settings, "shield_limit", before)

    def _add_magics(self, shell: InteractiveShell, settings: NbJobs) -> None:
        magics = JobMagics(shell, self.manager, settings)
        registered = shell.magics_manager.magics
        for kind, names in (("line", ("job", "jobs")), ("cell", ("job",))):
            for name in names:
                before = registered[kind].get(name)
                if before is not None:
                    sign = "%" if kind == "line" else "%%"
                    print(f"nbjobs takes over {sign}{name}; %unload_ext nbjobs gives it back.")
                self._undo.callback(_restore, registered[kind], name, before)
        instances = shell.magics_manager.registry
        self._undo.callback(_restore, instances, "JobMagics", instances.get("JobMagics"))
        shell.register_magics(magics)
        # Every Magics object puts itself there.
        self._undo.callback(_drop, cast("list[Any]", shell.configurables), magics)

    def _add_output(self, shell: InteractiveShell, settings: NbJobs) -> None:
        capture.install(shell)
        self._undo.callback(capture.uninstall, shell)
        display = Display(shell, self.manager, settings, _live_view(shell))
        self._undo.callback(display.close)
        self.manager.display = display
        self._undo.callback(setattr, self.manager, "display", None)

    def _add_limits(self, settings: NbJobs) -> None:
        def apply(_: object = None) -> None:
            self.manager.limits = Limits(
                settings.output_head, settings.output_tail, settings.output_rich
            )

        apply()
        settings.observe(apply, ["output_head", "output_tail", "output_rich"])
        self._undo.callback(setattr, self.manager, "limits", Limits())

    def _add_engines(self, settings: NbJobs) -> None:
        engines = self.manager.engines

        def apply(_: object = None) -> None:
            engines.default = settings.executor
            engines.processes = settings.processes or None
            engines.cluster_timeout = settings.cluster_timeout

        apply()
        settings.observe(apply, ["executor", "processes", "cluster_timeout"])

    def _add_exit(self, shell: InteractiveShell) -> None:
        # A terminal shell clears the user's namespace when its loop ends, long before the
        # interpreter does, and would pull the names from under the jobs' `finally` blocks. There
        # is no event for that, and the shutdown hook comes after the clearing.
        clear: Callable[[], None] = shell._atexit_once

        def end_jobs_first() -> None:
            self.manager.close()
            clear()

        vars(shell)["_atexit_once"] = end_jobs_first
        self._undo.callback(vars(shell).pop, "_atexit_once", None)

    def _add_notifier(self, shell: InteractiveShell, settings: NbJobs) -> None:
        in_page = hasattr(shell, "kernel")
        tell = partial(notify_in_page, self.manager) if in_page else ring_bell
        notifier = Notifier(settings, tell)
        self._undo.callback(self.manager.subscribe(notifier.on_event))
        self._undo.callback(close_table, self.manager)

    def _add_names(self, shell: InteractiveShell) -> None:
        offered = {"jobs": self.manager, "kill_thread": kill_thread, "get_chunks": get_chunks}
        taken = []
        for name, value in offered.items():
            if name in shell.user_ns and shell.user_ns[name] is not value:
                taken.append(name)
                continue
            shell.push({name: value}, interactive=False)
            self._undo.callback(_take_back, shell, name, value)
        if taken:
            print(
                f"nbjobs left your own {listed(taken)} alone: "
                "delete or rename, then %reload_ext nbjobs to have ours."
            )


def load(shell: InteractiveShell) -> None:
    """Put nbjobs into `shell`; again does nothing."""
    if shell not in _loaded:
        _loaded[shell] = Extension(shell)


def unload(shell: InteractiveShell) -> None:
    """Take nbjobs out of `shell` again, and kill its jobs, unless this is a reload."""
    extension = _loaded.pop(shell, None)
    if extension is None:
        return
    kept = extension.remove(keep_jobs=_reloading())
    if kept is not None:
        _kept[shell] = kept


def _reloading() -> bool:
    # IPython's reload is an unload and a load; nothing but the stack tells it from an unload.
    frame = sys._getframe()
    code = ExtensionManager.reload_extension.__code__
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back  # type: ignore[assignment]
    return frame is not None


def _live_view(shell: InteractiveShell) -> MakeView | None:
    """What makes live panels; None where there is no page, or no ipywidgets."""
    if not hasattr(shell, "kernel") or find_spec("ipywidgets") is None:
        return None

    def make(now: Callable[[], list[dict[str, Any]]], reopened: Callable[[], object]) -> LiveView:
        # When the first panel is opened: it takes longer to import than all of nbjobs.
        from .widgets.panel import PanelView

        return PanelView(now, reopened)

    return make


def _drop(items: list[Any], item: Any) -> None:
    items[:] = [other for other in items if other is not item]


def _restore(table: dict[str, Any], name: str, before: Callable[..., Any] | None) -> None:
    if before is None:
        table.pop(name, None)
    else:
        table[name] = before


def _take_back(shell: InteractiveShell, name: str, value: object) -> None:
    if shell.user_ns.get(name) is value:
        del shell.user_ns[name]
    shell.user_ns_hidden.pop(name, None)
