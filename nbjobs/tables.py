"""Which table of jobs is shown where: the live one in a notebook, text in a terminal."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .display.statictable import StaticTable
from .manager import JobManager

if TYPE_CHECKING:
    from .notify import News
    from .widgets.table import JobTable

_live: WeakKeyDictionary[JobManager, JobTable] = WeakKeyDictionary()
"""One for each manager: all its views then agree, and no cell that is run again leaves one over."""


def open_table(manager: JobManager) -> Any:
    """The table of the manager's jobs, to be displayed.

    It is live in a notebook. Run without a user, as by nbconvert, or without anywidget, a notebook
    gets a table of HTML as of now; a terminal gets text.
    """
    kernel = _kernel()
    if kernel is None or not can_be_live():
        return StaticTable(manager)
    # A client that cannot be asked for input has no user, and no page.
    if not getattr(kernel, "_allow_stdin", True):
        return StaticTable(manager)
    return live_table(manager)


def live_table(manager: JobManager) -> JobTable:
    """The live table; made at the first call."""
    table = _live.get(manager)
    if table is None:
        # Here, since it takes longer to import than all of nbjobs.
        from .widgets.table import JobTable

        table = _live[manager] = JobTable(
            manager,
            lambda: StaticTable(manager).fallback(),
            _kernel(),
        )
    return table


def close_table(manager: JobManager) -> None:
    """Close the live table, if there is one."""
    table = _live.pop(manager, None)
    if table is not None:
        table.close()


def notify_in_page(manager: JobManager, news: News) -> None:
    """Show a notification of the browser."""
    if can_be_live():
        tag = f"nbjobs-{news.num}"
        live_table(manager).notify(
            {"kind": "notice", "title": news.title, "body": news.body, "tag": tag}
        )


def can_be_live() -> bool:
    """Whether there is what the live table is made of."""
    return find_spec("anywidget") is not None


def _kernel() -> Any:
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None)


# The manager is below all that shows anything; it is given its tables from above.
JobManager.make_table = staticmethod(open_table)
