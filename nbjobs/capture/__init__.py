"""A job's output: kept by its recorder, found by the code's context, wherever it is printed.

Importing this package does not import IPython: a job needs its recorder without a shell, too.
`install` is the part that needs one, and gets it when it is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .installation import Installation

_installation: Installation | None = None


def install(shell: Any) -> None:
    """Have the output of jobs' code recorded by its job, for as long as `shell` lives.

    Doing it twice changes nothing.
    """
    global _installation
    if _installation is None:
        from .installation import Installation

        _installation = Installation(shell)


def uninstall(shell: Any) -> None:
    """Put everything back as `install` found it; harmless if it is not installed."""
    global _installation
    if _installation is not None and _installation.shell is shell:
        installation, _installation = _installation, None
        installation.undo()
