"""The manager: starting, finding, reporting, removing, ending."""

import threading
from contextlib import suppress

import pytest

from nbjobs import JobError, JobManager, JobNotFound, JobState, kill_thread
from nbjobs.killing import KillResult
from waiting import begun

LIMIT = 10.0


def test_new_evaluates_in_the_callers_frame(jobs: JobManager) -> None:
    """As upstream: an expression sees the names of where `new` was called."""
    only_here = 21  # Read by the expression alone.
    assert only_here
    assert jobs.new("only_here * 2").get(LIMIT) == 42
    assert jobs.new("x + y", {"x": 1}, {"y": 2}).get(LIMIT) == 3
    assert jobs.new(dict, [("a", 1)], kw={"b": 2}).get(LIMIT) == {"a": 1, "b": 2}


def test_new_refuses_what_it_cannot_run(jobs: JobManager) -> None:
    """Wrong arguments and syntax errors raise at once and make no job."""
    for wrong, error, says in [
        (lambda: jobs.new(42), TypeError, "a function or an expression in a string, not 42"),
        (lambda: jobs.new("1", {}, {}, {}), ValueError, "at most two namespaces"),
        (lambda: jobs.new("1 +"), SyntaxError, "invalid syntax"),
        (lambda: jobs.new("1", kw={"a": 1}), TypeError, "no keyword arguments"),
        (lambda: jobs.submit(None), TypeError, "not None"),
    ]:
        with pytest.raises(error, match=says):
            wrong()
    assert len(jobs) == 0


def test_lookup(jobs: JobManager) -> None:
    """By number, name, number as text, or the job itself; the newest of a name wins."""
    first = jobs.options(name="crawl").submit(int)
    first.wait(LIMIT)
    second = jobs.options(name="crawl").submit(int)
    assert jobs[0] is jobs["0"] is jobs[first] is first
    assert jobs["crawl"] is second
    assert list(jobs) == [first, second]
    assert (len(jobs), 1 in jobs, "crawl" in jobs, 2 in jobs, None in jobs) == (
        2, True, True, False, False,
    )  # fmt: skip
    assert jobs.select("0-9", "crawl", 1, second) == [first, second]


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (-1, "there is no job -1; there are 3 jobs, from 0 to 2"),
        (7, "there is no job 7"),
        ("nope", "there is no job named 'nope'; there are 3 jobs"),
        ("crwal", "did you mean 'crawl'?"),
    ],
)
def test_no_such_job(jobs: JobManager, key, says: str) -> None:
    """The error says what there is, or what may have been meant; it is a KeyError, too."""
    jobs.options(name="crawl").submit(int)
    jobs.submit(int)
    jobs.submit(int)
    for error in (JobNotFound, KeyError):
        with pytest.raises(error) as caught:
            jobs[key]
        assert says in str(caught.value)


def test_lookup_edges(jobs: JobManager) -> None:
    """No jobs, one job, a removed one, another manager's, a range of nothing, a wrong type."""
    with pytest.raises(JobNotFound, match="there are no jobs"):
        jobs[0]
    job = jobs.submit(int)
    job.wait(LIMIT)
    with pytest.raises(JobNotFound, match="there is only job 0"):
        jobs[1]
    with JobManager() as others, pytest.raises(JobNotFound):
        jobs[others.submit(int)]
    with pytest.raises(JobNotFound, match="no job from 5 to 9"):
        jobs.select("5-9")
    with pytest.raises(TypeError, match=r"not 1\.5"):
        jobs[1.5]  # type: ignore[index]
    jobs.remove(0)
    with pytest.raises(JobNotFound, match="job 0 has been removed; there are no jobs"):
        jobs[0]


def test_a_name_is_free_again_when_its_job_has_ended(jobs: JobManager, blocker) -> None:
    """Two unfinished jobs never share a name, and the refused one leaves no trace."""
    named = jobs.options(name="crawl")
    first = named.submit(blocker.wait)
    with pytest.raises(ValueError, match=r"job 0 is named 'crawl' and has not ended"):
        named.submit(int)
    assert len(jobs) == 1
    blocker.set()
    first.wait(LIMIT)
    assert named.submit(int).get(LIMIT) == 0


def test_lists_by_fate(jobs: JobManager, blocker: threading.Event) -> None:
    """running, completed, dead and all are derived from the jobs' states."""
    running, done, dead = jobs.submit(blocker.wait), jobs.submit(int), jobs.submit(divmod, 1, 0)
    jobs.wait(done, dead, timeout=LIMIT)
    assert (jobs.running, jobs.completed, jobs.dead) == ([running], [done], [dead])
    assert jobs.all == {0: running, 1: done, 2: dead}


def test_wait(jobs: JobManager, blocker: threading.Event) -> None:
    """Says whether all have ended, and waits no longer than asked."""
    slow, quick = jobs.submit(blocker.wait), jobs.submit(int)
    assert jobs.wait(quick, timeout=LIMIT) is True
    assert jobs.wait(timeout=0.01) is False
    blocker.set()
    assert jobs.wait(slow, quick, timeout=LIMIT) is True


def test_kill_many_at_once(jobs: JobManager, blocker: threading.Event) -> None:
    """All unfinished jobs if none is named; what became of each is told by number."""
    done = jobs.submit(int)
    done.wait(LIMIT)
    many = [jobs.submit(blocker.wait) for _ in range(50)]
    begun(*many)
    assert jobs.kill(0, grace=LIMIT) == {0: KillResult.TOO_LATE}
    assert jobs.kill(grace=LIMIT) == {job.num: KillResult.KILLED for job in many}
    assert {job.state for job in many} == {JobState.KILLED}


def test_kill_thread(jobs: JobManager, blocker: threading.Event) -> None:
    """kill_thread takes a job or any thread, and says why it takes nothing else."""
    assert kill_thread(jobs.submit(blocker.wait), grace=LIMIT) is KillResult.KILLED

    def wait() -> None:
        # pytest's own excepthook is not silent for SystemExit, as the standard one is.
        with suppress(SystemExit):
            blocker.wait()

    foreign = threading.Thread(target=wait)
    with pytest.raises(JobError, match="has not been started"):
        kill_thread(foreign)
    foreign.start()
    assert kill_thread(foreign, grace=LIMIT) is KillResult.KILLED
    foreign.join(LIMIT)
    for ended in (jobs[0], foreign):
        with pytest.raises(JobError, match="ended"):
            kill_thread(ended)
    for wrong in (3, None, "crawl"):
        with pytest.raises(TypeError, match=f"not {type(wrong).__name__}"):
            kill_thread(wrong)  # type: ignore[arg-type]


def test_a_jobs_thread_killed_as_a_thread(jobs: JobManager, blocker: threading.Event) -> None:
    """Killing a job by its thread object ends the job as killed, and the manager lives."""
    threads: list[threading.Thread] = []
    started = threading.Event()

    def work() -> None:
        threads.append(threading.current_thread())
        started.set()
        blocker.wait()

    job = jobs.submit(work)
    assert started.wait(LIMIT)
    kill_thread(threads[0], grace=0)
    assert job.wait(LIMIT)
    assert job.state is JobState.KILLED
    assert jobs.submit(int).get(LIMIT) == 0


def test_status_marks_as_noticed(jobs: JobManager, capsys) -> None:
    """What the status has shown is not reported again; what nobody has seen is, once."""
    jobs.submit(int).wait(LIMIT)
    jobs()
    assert "Completed jobs:\n0 : int  (succeeded after" in capsys.readouterr().out
    assert jobs.report_news() == []
    unseen = jobs.submit(int)
    unseen.wait(LIMIT)
    assert jobs.report_news() == [unseen]
    assert jobs.report_news() == []
    jobs.submit(int).get(LIMIT)
    assert jobs.report_news() == []


def test_upstreams_verbs_log_errors(jobs: JobManager, blocker, caplog, capsys) -> None:
    """remove, result and traceback of unknown or running jobs log, as upstream's do."""
    running = jobs.submit(blocker.wait)
    jobs.remove(running.num)
    assert "still running" in caplog.text
    assert running in jobs
    for verb in (jobs.remove, jobs.result, jobs.traceback):
        caplog.clear()
        assert verb(99) is None
        assert "Job #99 not found: there is no job 99" in caplog.text
    jobs.flush()
    assert capsys.readouterr().out == "No jobs to flush.\n"


def test_two_thousand_at_once(jobs: JobManager, blocker: threading.Event) -> None:
    """They all run side by side, and all end."""
    barrier = threading.Barrier(2001, timeout=60)
    many = [jobs.submit(barrier.wait) for _ in range(2000)]
    barrier.wait()
    assert jobs.wait(timeout=60)
    assert {job.state for job in many} == {JobState.SUCCEEDED}


def test_from_many_threads(jobs: JobManager) -> None:
    """Submitting, removing and listing from many threads at once loses and doubles nothing."""
    numbers: list[int] = []

    def use() -> None:
        for _ in range(100):
            job = jobs.submit(int)
            numbers.append(job.num)
            job.get(LIMIT)
            list(jobs)
            jobs.remove(job.num)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(800))
    assert len(jobs) == 0
