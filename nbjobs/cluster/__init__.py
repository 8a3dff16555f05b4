"""Jobs on clusters: what ipyparallel's engines and Dask's workers have in common.

`worker` runs there. Each job runs in a gate, as in a thread of the kernel, and so can be killed by
its token alone, wherever it hangs: `worker.end`. `flight` is the kernel's side of one job; `share`
that of a map's worker. `keeper` starts a cluster on this machine in a process of its own, which
ends it when the kernel has gone, however that ended.
"""
