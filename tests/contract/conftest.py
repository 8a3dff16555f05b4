"""The clusters that the tests share are ended with them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from distributed.utils import _offload_executor
from zmq.utils.garbage import gc

import clusters


@pytest.fixture(scope="session", autouse=True)
def shared_clusters(request: pytest.FixtureRequest) -> Iterator[None]:
    """Those that a test needs are started before the first, and leave nothing behind."""
    for kind in ("ipyparallel", "dask"):
        if any(kind in item.nodeid for item in request.session.items):
            clusters.address(kind)
    _start_threads_that_stay()
    yield
    clusters.end_all()


def _start_threads_that_stay() -> None:
    """The clients' libraries start these at their first large message, and keep them."""
    _offload_executor.submit(int).result()
    gc.store(b"")
