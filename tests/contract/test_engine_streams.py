"""What an engine's other users print there, before, between and after jobs of ours."""

from __future__ import annotations

import ipyparallel

import clusters
from nbjobs import JobManager

LIMIT = 60.0


def test_prints_of_others_on_ipyparallel(jobs: JobManager) -> None:
    """They come with the task that prints them, and those of jobs with their jobs."""
    path = clusters.address("ipyparallel").partition(":")[2]
    with ipyparallel.Client(path) as client:
        client.wait_for_engines(clusters.WORKERS, timeout=LIMIT, interactive=False)
        view = client[client.ids[0]]
        on = jobs.options(on=view)
        for each in range(10):
            job = on.submit(print, "ours", each)
            plain = view.apply_async(print, "theirs", each)
            assert job.get(LIMIT) is None
            assert plain.get(LIMIT) is None
            assert plain.wait_for_output(LIMIT)
            assert (job.stdout, plain.stdout) == (f"ours {each}\n", f"theirs {each}\n")
        jobs.close(5)


def test_a_task_of_others_that_prints_beside_a_job_on_ipyparallel(jobs: JobManager) -> None:
    """A cell of an engine's prints at its end what it has printed, too."""
    path = clusters.address("ipyparallel").partition(":")[2]
    with ipyparallel.Client(path) as client:
        client.wait_for_engines(clusters.WORKERS, timeout=LIMIT, interactive=False)
        view = client[client.ids[0]]
        assert jobs.options(on=view).submit(pow, 2, 5).get(LIMIT) == 32
        cell = view.execute("print('a cell', end='')", silent=False, block=False)
        assert cell.wait_for_output(LIMIT)
        assert cell.stdout == "a cell"
        jobs.close(5)
