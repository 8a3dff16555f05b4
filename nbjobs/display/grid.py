"""Tables as plain text, as wide as the terminal."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

# rich is imported when a table is made: that takes as long as importing all of nbjobs.


def new_grid() -> Table:
    """A table without columns and rows, in our style."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)


def cell(text: str, style: str = "") -> Text:
    """A text that is cut where it is too long, and taken as it is: a job may be named "[red]"."""
    from rich.text import Text

    return Text(text, style, no_wrap=True, overflow="ellipsis")


def printed(grid: Table, *, color: bool, width: int | None, otherwise: int = 100) -> str:
    """A table's lines.

    Args:
        grid: The table.
        color: Whether to use the terminal's colours.
        width: How many columns there are; None asks the terminal.
        otherwise: How many if there is no terminal to be asked.
    """
    from rich.console import Console

    page = io.StringIO()
    console = Console(
        file=page,
        width=width or shutil.get_terminal_size((otherwise, 24)).columns,
        force_terminal=color,
        force_jupyter=False,
        color_system="standard" if color else None,
        legacy_windows=False,
    )
    console.print(grid)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())
