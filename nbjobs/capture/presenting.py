"""Values and tracebacks as the shell renders them."""

from __future__ import annotations

import copy
import sys
import traceback
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Any
from weakref import WeakKeyDictionary

from ..context import current
from .figures import close_all

_PLAIN = (int, bool)

_cells: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
"""The request of the cell that has started each job."""

_PACKAGE = str(Path(__file__).parent.parent)


def remember_cell(job: object, cell: object) -> None:
    """`job` was started by the cell whose request is `cell`."""
    _cells[job] = cell


class ShellPresenter:
    """Records with the formatters of `shell`."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def start(self) -> None:
        """Have what goes round the recorder, a forked child's prints, land in the job's cell."""
        job = current.get()
        cell = _cells.get(job) if job is not None else None
        if cell is None:
            return
        # Context variables: of the streams since ipykernel 6.29, of the others since 7.0, which
        # raises where they are not set.
        header = cell.get("header", cell)
        for holder, name, value in (
            (getattr(self._shell, "kernel", None), "_shell_parent", cell),
            (self._shell.display_pub, "_parent_header", header),
            (sys.stdout, "_parent_header", header),
            (sys.stderr, "_parent_header", header),
        ):
            variable = getattr(holder, name, None)
            if isinstance(variable, ContextVar):
                variable.set(value)
        # ipykernel 7.4 and later.
        set_thread_parent = getattr(self._shell, "set_thread_parent", None)
        if set_thread_parent is not None:
            set_thread_parent(cell)

    def value(self, value: object) -> None:
        """Record the open figures, and `value` unless it is None, as a cell's last expression."""
        job = current.get()
        if job is None:
            return
        self._show_figures(job)
        if value is None:
            return
        if type(value) in _PLAIN:
            # Nobody formats these in another way; it takes a fiftieth of the time.
            job.recorder.result({"text/plain": repr(value)})
            return
        data, metadata = self._shell.display_formatter.format(value)
        # Empty if the value has displayed itself, or cannot be shown at all: then that was said.
        if data:
            job.recorder.result(data, metadata)

    def error(self, error: BaseException) -> None:
        """Record the open figures, and the traceback of `error` from the user's first frame on."""
        job = current.get()
        if job is None:
            return
        self._show_figures(job)
        job.recorder.error(type(error).__name__, message_of(error), self._render(error))

    def _render(self, error: BaseException) -> list[str]:
        trace = users_part(error.__traceback__)
        # A copy: it keeps the last traceback in attributes, and main may be rendering its own.
        renderer = copy.copy(self._shell.InteractiveTB)
        try:
            lines = renderer.structured_traceback(type(error), error, trace, tb_offset=0)
            return [str(line) for line in lines]
        except Exception:
            # The renderer reads source files and calls reprs: better plain than none.
            return traceback.format_exception(type(error), error, trace)

    def _show_figures(self, job: Any) -> None:
        figures = close_all()
        # In a terminal a figure has a window, or is meant for a file: its repr helps nobody.
        if not hasattr(self._shell, "kernel"):
            return
        for figure in figures:
            data, metadata = self._shell.display_formatter.format(figure)
            if data:
                job.recorder.display(data, metadata)


def users_part(trace: TracebackType | None) -> TracebackType | None:
    """The traceback without the frames of this package at its start."""
    start = trace
    while start is not None and start.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        start = start.tb_next
    return start or trace


def message_of(error: BaseException) -> str:
    """The message of `error`; says so if it has none that can be shown."""
    try:
        return str(error)
    except Exception as broken:
        return f"<its message cannot be shown: __str__ raised {type(broken).__name__}>"
