"""Jobs on the engines of an ipyparallel cluster: a running one, or one started for them here."""

from __future__ import annotations

from typing import Any

import ipyparallel

from ..cluster.enginelink import EngineLink, connect
from ..cluster.fleet import Fleet
from ..cluster.post import Post
from ..exceptions import JobError


class IPyParallelExecutor(Fleet):
    """Sends each job to an engine of a cluster."""

    name = "ipyparallel"

    def connect(self, post: Post) -> EngineLink:
        """Reach the cluster that `on` names or is, or start one.

        Raises:
            JobError: That was not possible; says what to do.
        """
        on, limit = self._on, self._settings.cluster_timeout
        if not isinstance(on, str):
            return self._given(on, post)
        name = on.partition(":")[2]
        if name.endswith(".json"):
            return EngineLink(
                _with_engines(connect(connection_info=name, timeout=limit), limit), post
            )
        if name:
            profile, _, cluster = name.partition("/")
            client = connect(profile=profile, cluster_id=cluster, timeout=limit)
            return EngineLink(_with_engines(client, limit), post)

        def reach(file: str, count: int) -> EngineLink:
            client = connect(connection_info=file, timeout=limit)
            return EngineLink(_with_engines(client, max(limit, 30.0), count), post)

        return self.started(reach)

    def _given(self, on: Any, post: Post) -> EngineLink:
        limit = self._settings.cluster_timeout
        if isinstance(on, ipyparallel.Client):
            return EngineLink(_with_engines(on, limit), post, made=False)
        if isinstance(on, ipyparallel.Cluster):
            if on.controller is None:
                raise JobError(f"{on!r} does not run: cluster.start_cluster_sync() starts it")
            info = {"profile_dir": on.profile_dir, "cluster_id": on.cluster_id}
            return EngineLink(_with_engines(connect(**info, timeout=limit), limit), post)
        if isinstance(on, ipyparallel.LoadBalancedView):
            retries = max(on.retries or 0, 1)
            return EngineLink(on.client, post, targets=on.targets, retries=retries, made=False)
        if isinstance(on, ipyparallel.DirectView):
            return EngineLink(on.client, post, targets=on.targets, direct=True, made=False)
        raise JobError(
            "of ipyparallel's objects a Client, a Cluster and a view run jobs, not "
            f"{type(on).__name__}"
        )


def _with_engines(client: Any, limit: float, count: int = 1) -> Any:
    """The client, when there are so many engines.

    Raises:
        JobError: There were none in time.
    """
    try:
        if len(client.ids) < count:
            client.wait_for_engines(count, timeout=limit, interactive=False)
    except TimeoutError as problem:
        raise JobError(
            f"the ipyparallel cluster has {len(client.ids)} engines, not {count}, after "
            f"{limit:g} s. Start engines, for example by `ipcluster engines`"
        ) from problem
    return client
