"""The contract's rows about what goes wrong, and what is left in the end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psutil
import pytest

import clusters
from nbjobs import JobError

if TYPE_CHECKING:
    from contract_checks import Ground

LIMIT = 60.0


def dead_worker(at: Ground) -> None:
    """A job whose worker dies fails, and says so; the next one runs."""
    job = at.submit(os._exit, 3)
    with pytest.raises(JobError, match="is lost"):
        job.get(LIMIT)
    assert at.submit(pow, 2, 2).get(LIMIT) == 4


def no_worker(at: Ground) -> None:
    """There is no worker: the job's process is the kernel."""
    assert at.submit(os.getpid).get(LIMIT) == os.getpid()


def broken_pool(at: Ground) -> None:
    """A job whose worker dies fails, and says so, and so do those after it."""
    for _ in range(2):
        with pytest.raises(Exception, match=r"is lost|terminated abruptly|not usable anymore"):
            at.submit(os._exit, 3).get(LIMIT)


def dead(at: Ground) -> None:
    """What becomes of the others where an engine lacks that."""
    (broken_pool if at.separate else no_worker)(at)


def nothing_left(at: Ground) -> None:
    """When the manager has been closed there are no more processes than before."""
    before = _others()
    assert at.submit(pow, 2, 2).get(LIMIT) == 4
    at.jobs.close(LIMIT)
    assert _others() <= before


def _others() -> set[psutil.Process]:
    """Our children, but for those of the tests' own clusters: they replace workers that died."""
    theirs = set()
    for keeper in clusters.keepers():
        theirs |= {keeper, *keeper.children(recursive=True)}
    return set(psutil.Process().children(recursive=True)) - theirs


def pool_stays(at: Ground) -> None:
    """The pool is the user's, and works on."""
    assert at.submit(pow, 2, 2).get(LIMIT) == 4
    at.jobs.close(LIMIT)
    assert at.on.submit(pow, 2, 2).result(LIMIT) == 4
