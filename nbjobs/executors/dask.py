"""Jobs on the workers of a Dask cluster: a running one, or one started for them here."""

from __future__ import annotations

from distributed import Client

from ..cluster.daskclient import connect
from ..cluster.dasklink import DaskLink
from ..cluster.fleet import Fleet
from ..cluster.post import Post
from ..exceptions import JobError


class DaskExecutor(Fleet):
    """Sends each job to a Dask cluster as one task."""

    name = "dask"

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
        return self.started(lambda address, _: DaskLink(connect(address, limit), post))
