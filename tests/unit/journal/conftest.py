"""A manager with a journal in a folder of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from keeping import Kept, kept


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal is."""
    return tmp_path / "nbjobs.sqlite"


@pytest.fixture
def keeping(path: Path) -> Iterator[Kept]:
    """Jobs that are kept."""
    with kept(path) as made:
        yield made
