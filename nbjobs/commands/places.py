"""Where the journal is, seen from a terminal."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from ..exceptions import JobNotFound
from ..journal import NAME
from ..journal.history import Reader


def reader_for(arguments: Namespace) -> Reader:
    """What reads the journal that the arguments name.

    Raises:
        JobNotFound: There is none.
    """
    path = journal_of(arguments)
    if not path.exists():
        raise JobNotFound(
            f"there is no journal at {path}: it begins with the first job. "
            "Another profile's is named by --profile, any by --journal"
        )
    return Reader(path)


def journal_of(arguments: Namespace) -> Path:
    """The journal that the arguments name."""
    if arguments.journal is not None:
        return Path(arguments.journal).expanduser()
    # As IPython finds it; asking IPython would take ten times as long as the rest.
    folder = os.environ.get("IPYTHONDIR") or "~/.ipython"
    return Path(folder).expanduser() / f"profile_{arguments.profile}" / NAME
