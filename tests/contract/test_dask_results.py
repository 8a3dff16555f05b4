"""Results stay on a Dask cluster until somebody asks for them; on a real one."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client

import clusters
import contract_work as work
from nbjobs import Job, JobError, JobManager, JobNotFound, JobState, JobTimeout
from nbjobs.cluster import dasklink
from waiting import until

LIMIT = 60.0
SIZE = 20_000_000


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of the user's."""
    address = clusters.address("dask").partition(":")[2]
    with Client(address, set_as_default=False) as client:
        yield client


def sent(client: Client) -> int:
    """How many bytes of results the workers have given away so far."""

    def given(dask_worker: Any) -> int:
        return sum(each["total"] for each in dask_worker.transfer_outgoing_log)

    return sum(client.run(given).values())


def heavy(jobs: JobManager, on: Any) -> Job:
    """A job that has ended, with a large result."""
    job = jobs.options(on=on).submit(work.Heavy)
    assert job.wait(LIMIT)
    return job


def test_it_is_brought_when_it_is_read(jobs: JobManager, client: Client) -> None:
    """The job has ended, and is described, before a byte of its result leaves the worker."""
    before = sent(client)
    job = heavy(jobs, client)
    assert job.state is JobState.SUCCEEDED
    assert job.exception is None
    assert job.outcome() == "<contract_work.Heavy>"
    assert list(client.who_has()) == [job.future.key]
    assert sent(client) == before
    assert job.get(LIMIT).unpickled == os.getpid()
    assert sent(client) >= before + SIZE
    assert job.result is job.get() is job.future.result()
    until(lambda: not client.who_has())


@pytest.mark.parametrize("ask", [lambda job: job.result, lambda job: job.future.result(LIMIT)])
def test_ways_to_read(jobs: JobManager, client: Client, ask: Callable[[Job], Any]) -> None:
    """Whoever asks first has it brought."""
    job = heavy(jobs, client)
    assert ask(job).unpickled == os.getpid()


def test_ways_to_read_in_coroutines(jobs: JobManager, client: Client) -> None:
    """So do `await`, and asyncio's own way to a future."""

    async def read() -> list[int]:
        first, second = heavy(jobs, client), heavy(jobs, client)
        return [(await first).unpickled, (await asyncio.wrap_future(second.future)).unpickled]

    assert asyncio.run(read()) == [os.getpid()] * 2


def test_not_in_time(jobs: JobManager, client: Client) -> None:
    """A result that takes too long to come is a JobTimeout, and still comes."""
    job = heavy(jobs, client)
    with pytest.raises(JobTimeout, match="has not come within 0"):
        job.get(0)
    assert job.get(LIMIT).unpickled == os.getpid()


def test_to_a_job_there(jobs: JobManager, client: Client) -> None:
    """As an argument of a job on the same cluster it never comes to the kernel."""
    job = heavy(jobs, client)
    on = jobs.options(on=client)
    for taker in (on.submit(work.unpickled, job), on.submit(work.unpickled, job, 1, more=job)):
        assert taker.parents == [job]
        there, process = taker.get(LIMIT)
        assert there == process != os.getpid()
    # What was read is let go a little later.
    until(lambda: list(client.who_has()) == [job.future.key])


def test_a_job_there_changes_its_own_copy(jobs: JobManager, client: Client) -> None:
    """What one job does to its argument is not seen by the next."""
    on = jobs.options(on=client)
    made = on.submit(lambda: [bytearray(100_000)])
    assert made.wait(LIMIT)

    def change(rows: list[bytearray]) -> int:
        rows[0][0] += 1
        return rows[0][0]

    assert [on.submit(change, made).get(LIMIT) for _ in range(3)] == [1, 1, 1]


@pytest.mark.parametrize("engine", ["thread", "inline", "asyncio", "process", "ipyparallel"])
def test_to_a_job_elsewhere(jobs: JobManager, client: Client, engine: str) -> None:
    """A job of another engine gets it, too."""
    job = heavy(jobs, client)
    on = clusters.address(engine) if engine == "ipyparallel" else engine
    there, process = jobs.options(on=on).submit(work.unpickled, job).get(LIMIT)
    assert there == process


def test_removed(jobs: JobManager, client: Client) -> None:
    """When its job is removed Dask lets go of it."""
    job = heavy(jobs, client)
    jobs.remove(job.num)
    until(lambda: not client.who_has())
    with pytest.raises(JobNotFound):
        job.get()


def test_closed(jobs: JobManager) -> None:
    """When the client is closed with the manager an unread result is gone, and says so."""
    job = heavy(jobs, clusters.address("dask"))
    jobs.close(5)
    for read in (job.get, job.future.result):
        with pytest.raises(JobError, match="was not read before"):
            read(LIMIT)
    assert isinstance(job.future.exception(LIMIT), JobError)


def test_closed_with_a_client_of_the_users(jobs: JobManager, client: Client) -> None:
    """A client of the user's stays, and with it what it keeps."""
    job = heavy(jobs, client)
    jobs.close(5)
    assert job.get(LIMIT).unpickled == os.getpid()


def test_its_worker_dies(jobs: JobManager, client: Client, tmp_path: Path) -> None:
    """Dask computes it once more."""
    job = jobs.options(on=client).submit(work.pid_and_ballast, str(tmp_path))
    assert job.wait(LIMIT)
    os.kill(where(client, job), signal.SIGKILL)
    assert job.get(LIMIT)[1] == bytes(100_000)


def test_its_worker_dies_and_it_fails_then(
    jobs: JobManager, client: Client, tmp_path: Path
) -> None:
    """What is computed once more, and then fails, is an error of the reader's."""
    job = jobs.options(on=client).submit(work.pid_and_ballast, str(tmp_path), 1)
    assert job.wait(LIMIT)
    pid = where(client, job)
    os.kill(pid, signal.SIGKILL)
    until(lambda: Path(tmp_path, "try1").exists())
    with pytest.raises(JobError, match="computed once more that failed: OSError: try 1"):
        job.get(LIMIT)
    assert job.state is JobState.SUCCEEDED


def where(client: Client, job: Job) -> int:
    """The process that keeps a job's result."""
    (address,) = client.who_has()[job.future.key]
    return client.run(os.getpid, workers=[address])[address]


def test_no_worker_is_left(
    jobs: JobManager, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """When nobody could compute it once more that is an error, and no wait without end."""
    monkeypatch.setattr(dasklink, "ALONE", 1)
    with clusters.dask_of_one(tmp_path) as (address, worker):
        job = heavy(jobs, address)
        worker.kill()
        with pytest.raises(JobError, match="no worker is left"):
            job.get(LIMIT)
        jobs.close(5)


def test_its_cluster_dies(jobs: JobManager) -> None:
    """When the whole cluster is killed -9 a result that was not read is lost, and says so."""
    jobs.engines.processes = 1
    job = heavy(jobs, "dask")
    small = jobs.options(on="dask").submit(pow, 2, 5)
    assert small.wait(LIMIT)
    keeper = jobs._switchboard._made["dask"]._link.keeper
    os.kill(keeper.pid, signal.SIGKILL)
    with pytest.raises(JobError, match=r"result of job 0.* is lost"):
        job.get(LIMIT)
    assert small.get(LIMIT) == 32
    until(lambda: not any(each.alive for each in keeper.kept))


def test_the_journal_leaves_it_there(shell: Any, run: Callable[[str], Any]) -> None:
    """The journal keeps a small result, and of a large one that it stayed away."""
    run("%reload_ext nbjobs")
    run("%config NbJobs.journal = True")
    jobs = shell.user_ns["jobs"]
    on = jobs.options(on=clusters.address("dask"))
    large, small = on.submit(work.Heavy), on.submit(pow, 2, 5)
    assert large.wait(LIMIT)
    assert small.wait(LIMIT)
    records = {record.num: record for record in jobs.history()}
    assert records[small.num].result == 32
    assert records[large.num].result_note.startswith("it is larger, and stayed")
    jobs.close(5)
