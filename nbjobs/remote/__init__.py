"""Work that runs in another process: packed here, run there, and its reply taken in again here.

An engine whose workers have a Python of their own does three things with it:

    parcel = packing.cargo(job).pack(job.num)    # in the kernel: code, arguments, the names used
    reply = runner.run(parcel.data, parcel.buffers, send)     # in the worker
    replies.settle(job, reply)              # in the kernel: ends the job

While the work runs, `send` is called in the worker with lists of messages: what was printed and
displayed, and progress. The engine carries each list to the kernel as it likes, and hands it to
`replies.record(job, messages)`. Parcels, messages and replies are bytes and builtin types.

Workers need nbjobs and cloudpickle of the same versions as the kernel's.
"""
