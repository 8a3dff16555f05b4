"""The clusters that the tests share are ended with them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import clusters


@pytest.fixture(scope="session", autouse=True)
def shared_clusters(request: pytest.FixtureRequest) -> Iterator[None]:
    """Those that a test needs are started before the first, and leave nothing behind."""
    for kind in ("ipyparallel", "dask"):
        if any(kind in item.nodeid for item in request.session.items):
            clusters.address(kind)
    yield
    clusters.end_all()
