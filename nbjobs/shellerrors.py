"""Tracebacks the way the user's shell shows them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def shell_renderer(shell: InteractiveShell) -> Callable[[BaseException], str]:
    """A function that renders an error as `shell` would, from any thread."""

    def render(error: BaseException) -> str:
        # A copy: it keeps the traceback it works on in itself, and main may be rendering, too.
        formatter = copy.copy(shell.InteractiveTB)
        # Our own frames are off already, and it would take off one more.
        lines = formatter.structured_traceback(type(error), error, error.__traceback__, tb_offset=0)
        return str(formatter.stb2text(lines))

    return render
