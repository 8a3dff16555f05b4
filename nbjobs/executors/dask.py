"""Jobs on the workers of a Dask cluster: a running one, or one started for them here."""

from __future__ import annotations

import os
from typing import Any

from distributed import Client

from ..cluster.dasklink import DaskLink, connect
from ..cluster.fleet import Fleet
from ..cluster.keeper import Keeper
from ..cluster.post import Post
from ..engines import EngineSettings
from ..exceptions import JobError


class DaskExecutor(Fleet):
    """Sends each job to a Dask cluster as one task."""

    name = "dask"

    def __init__(self, settings: EngineSettings, on: Any) -> None:
        super().__init__()
        self._settings = settings
        self._on = on

    def connect(self, post: Post) -> DaskLink:
        """Reach the cluster that `on` names or is, or start one.

        Raises:
            JobError: That was not possible; says what to do.
        """
        on, limit = self._on, self._settings.cluster_timeout
        if isinstance(on, Client):
            if on.asynchronous:
                raise JobError("jobs need a Dask client that is not asynchronous")
            return DaskLink(on, post, made=False)
        if not isinstance(on, str):
            if not hasattr(on, "scheduler_address"):
                raise JobError(
                    "of Dask's objects a Client and a cluster run jobs, not " + type(on).__name__
                )
            return DaskLink(connect(on, limit), post)
        address = on.partition(":")[2]
        if address:
            return DaskLink(connect(address, limit), post)
        count = self._settings.processes or os.cpu_count() or 1
        keeper = Keeper("dask", count)
        try:
            link = DaskLink(connect(keeper.address, limit), post)
        except BaseException:
            keeper.close(1.0)
            raise
        link.keeper = keeper
        keeper.tell(link.lost)
        return link
