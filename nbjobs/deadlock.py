"""Whether a wait could ever end, given what everybody waits for."""

from __future__ import annotations

from typing import NamedTuple

from .dispatch import Dispatcher
from .exceptions import DependencyCycle
from .job import Job
from .states import JobState


class Need(NamedTuple):
    """What a job cannot end without: any one of the `jobs` stuck, or only `all_` of them."""

    jobs: list[Job]
    all_: bool
    why: str


_NOTHING = Need([], True, "")


def check(dispatcher: Dispatcher, waiter: Job, target: Job) -> None:
    """Raise if `target` cannot end before `waiter`, which is about to wait for it, has ended.

    Raises:
        DependencyCycle: It cannot.
    """
    if target is waiter:
        raise DependencyCycle(f"job {waiter.num} cannot wait for its own end")
    if target.state is JobState.RUNNING and target.awaits is None and not target.parts:
        return
    with dispatcher.lock:
        needs = _needs(dispatcher, waiter, target)
    stuck = {waiter}
    growing = True
    while growing and target not in stuck:
        growing = False
        for job, need in needs.items():
            if job in stuck or not need.jobs:
                continue
            those = [each in stuck for each in need.jobs]
            if all(those) if need.all_ else any(those):
                stuck.add(job)
                growing = True
    if target in stuck:
        raise DependencyCycle(
            f"job {waiter.num} would wait for job {target.num} for ever: that cannot end before "
            f"job {waiter.num} has ended, because {needs[target].why}"
        )


def _needs(dispatcher: Dispatcher, waiter: Job, target: Job) -> dict[Job, Need]:
    """What each job needs on which the target's end depends."""
    found: dict[Job, Need] = {}
    todo = [target]
    while todo:
        job = todo.pop()
        if job is waiter or job in found:
            continue
        found[job] = _need(dispatcher, job)
        todo += found[job].jobs
    # Numbers rise from parents to children: in this order one pass mostly is enough.
    return dict(sorted(found.items(), key=lambda each: each[0].num))


def _need(dispatcher: Dispatcher, job: Job) -> Need:
    if job.state.finished:
        return _NOTHING
    if isinstance(job.awaits, Job):
        return Need([job.awaits], False, f"it waits for job {job.awaits.num}")
    link = dispatcher.links.get(job)
    if link is not None:
        needed = link.needed
        if needed:
            return Need(needed, False, f"it waits {job.waits_for()}")
        return Need(list(link.parents), True, f"it waits {job.waits_for()}")
    alive = [part for part in job.parts if not part.state.finished]
    if alive:
        return Need(alive, True, "its workers cannot start")
    lane = dispatcher.places.get(job)
    if lane is None or job not in lane.waiting:
        return _NOTHING
    holders = [each for each, its in dispatcher.places.items() if each not in its.waiting]
    holders = [each for each in holders if each not in dispatcher.links]
    if lane.full:
        mine = [each for each in holders if dispatcher.places[each] is lane]
        return Need(mine, True, f"it is behind in the same queue, {lane.name or 'a pool'}")
    return Need(holders, True, f"no more than {dispatcher.limit} jobs may run at a time")
