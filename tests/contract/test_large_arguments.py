"""Large arguments are announced, and sent from where they lie.

At 100 MB, from where on they are announced: it is the same code for a gigabyte, which would take
several in the processes of a cluster, more than where these tests run may have.
"""

from __future__ import annotations

from functools import partial

import pytest

import clusters
from nbjobs import JobManager
from nbjobs.remote import parcel
from nbjobs.remote.packing import LARGE, Cargo
from nbjobs.task import Task

LIMIT = 60.0


@pytest.mark.filterwarnings("ignore:Sending large graph:UserWarning")
@pytest.mark.parametrize("kind", ["ipyparallel", "dask"])
def test_clusters_announce(kind: str, jobs: JobManager) -> None:
    """The job says how much it sends, and what of it is the most."""
    on = jobs.options(on=clusters.address(kind))
    job = on.submit(lambda small, large: (type(large), len(large)), 1, large=bytearray(LARGE))
    assert job.get(LIMIT) == (bytearray, LARGE)
    assert "sending 104.9 MB to another process, of which argument large= is" in job.stderr


@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_bytes_are_not_copied(kind: type) -> None:
    """They are no part of the pickle, and come out as what they were."""
    value = kind(parcel.APART)
    packed = Cargo.of(Task(partial(len, value), "len(value)")).pack(1)
    assert packed.size < parcel.APART + 1000
    (buffer,) = packed.buffers
    assert isinstance(buffer, memoryview)
    assert buffer.obj is value
    arrived = parcel.load(parcel.dump(parcel.apart(value)).data, [bytearray(value)])
    assert (type(arrived), arrived) == (kind, value)


def test_code_uses_large_bytes(run) -> None:
    """A name's value too, also where it is changed."""
    run(f"large = bytearray({parcel.APART})")
    job = run("%job --on process large.extend(b'x') or (len(large), large[-1])")
    assert job.get(LIMIT) == (parcel.APART + 1, ord("x"))
