"""Jobs that wait for jobs: when they start, when they are skipped, what they are given."""

import threading

import pytest

from nbjobs import (
    DependencyCycle,
    JobError,
    JobManager,
    JobNotFound,
    JobSkipped,
    JobState,
)

LIMIT = 10.0


def fail() -> None:
    """Fails."""
    raise ValueError("no such page")


def test_a_job_as_an_argument_is_replaced_by_its_result(jobs: JobManager, blocker) -> None:
    """Positional or by keyword, once it has one; meanwhile nothing runs."""
    slow = jobs.submit(lambda: blocker.wait(LIMIT) and 3)
    child = jobs.submit(divmod, 17, slow)
    named = jobs.new(dict, kw={"given": slow, "plain": 1})
    assert child.state is named.state is JobState.WAITING
    assert child.summary() == "waiting: for job 0"
    assert child.ident is None
    blocker.set()
    assert child.get(LIMIT) == (5, 2)
    assert named.get(LIMIT) == {"given": 3, "plain": 1}
    assert child.parents == [slow]
    assert slow.children == [child, named]


def test_the_same_job_twice(jobs: JobManager) -> None:
    """Each argument that is the job is replaced."""
    two = jobs.submit(int, 2)
    assert jobs.submit(pow, two, two).get(LIMIT) == 4


@pytest.mark.parametrize("name", ["number", "name", "job", "several", "text"])
def test_after_takes_whatever_names_a_job(jobs: JobManager, blocker, name: str) -> None:
    """Numbers, names, jobs, lists and text with commas."""
    first = jobs.options(name="crawl").submit(blocker.wait, LIMIT)
    other = jobs.submit(blocker.wait, LIMIT)
    after = {
        "number": 0,
        "name": "crawl",
        "job": first,
        "several": [other, "crawl"],
        "text": "1, crawl",
    }
    job = jobs.options(after=after[name]).submit(int)
    assert job.state is JobState.WAITING
    assert set(job.parents) == ({first, other} if name in ("several", "text") else {first})
    blocker.set()
    assert job.get(LIMIT) == 0


@pytest.mark.parametrize(
    ("when", "ends", "state"),
    [
        ("success", ["ok", "ok"], JobState.SUCCEEDED),
        ("success", ["ok", "bad"], JobState.SKIPPED),
        ("done", ["ok", "bad"], JobState.SUCCEEDED),
        ("failure", ["bad", "bad"], JobState.SUCCEEDED),
        ("failure", ["ok", "bad"], JobState.SKIPPED),
    ],
)
@pytest.mark.parametrize("early", [True, False])
def test_all_must_end_as_asked(jobs: JobManager, blocker, when, ends, state, early) -> None:
    """Whether they have ended before the job was made, or end later."""
    if early:
        blocker.set()
    parents = [
        jobs.submit(lambda end=end: blocker.wait(LIMIT) and (fail() if end == "bad" else None))
        for end in ends
    ]
    if early:
        assert jobs.wait(timeout=LIMIT)
    job = jobs.options(after=parents, when=when).submit(int)
    blocker.set()
    job.wait(LIMIT)
    assert job.state is state


@pytest.mark.parametrize(
    ("when", "ends", "state"),
    [
        ("success", ["bad", "ok"], JobState.SUCCEEDED),
        ("success", ["bad", "bad"], JobState.SKIPPED),
        ("failure", ["ok", "bad"], JobState.SUCCEEDED),
        ("failure", ["ok", "ok"], JobState.SKIPPED),
    ],
)
def test_any_of_them_is_enough(jobs: JobManager, when, ends, state) -> None:
    """With `any`, it is skipped only when none is left that could do."""
    parents = [jobs.submit(fail if end == "bad" else int) for end in ends]
    job = jobs.options(after=parents, when=when, any=True).submit(int)
    job.wait(LIMIT)
    assert job.state is state


def test_any_starts_with_the_first(jobs: JobManager, blocker) -> None:
    """The others may go on."""
    slow = jobs.submit(blocker.wait, LIMIT)
    job = jobs.options(after=[slow, jobs.submit(int)], any=True).submit(int)
    assert job.get(LIMIT) == 0
    assert slow.is_alive()


def test_a_skipped_job_names_the_root_cause(jobs: JobManager) -> None:
    """However far down."""
    job = root = jobs.options(name="crawl").submit(fail)
    for _ in range(5):
        job = jobs.submit(str, job)
    job.wait(LIMIT)
    assert job.state is JobState.SKIPPED
    with pytest.raises(JobSkipped) as caught:
        job.get()
    assert str(caught.value) == (
        "job 5 was skipped because job 0 (crawl) failed: ValueError: no such page"
    )
    assert root.children == [jobs[1]]


def test_an_alarm_rings_for_what_was_skipped_by_a_failure(jobs: JobManager) -> None:
    """`failure` means the failure behind it, too; a kill is none."""
    skipped = jobs.submit(str, jobs.submit(fail))
    alarm = jobs.options(after=skipped, when="failure").submit(int)
    assert alarm.get(LIMIT) == 0


def test_a_kill_skips_the_children(jobs: JobManager, blocker) -> None:
    """And with `children` they are ended whatever they wait for."""
    begun = threading.Semaphore(0)

    def block() -> None:
        begun.release()
        blocker.wait(LIMIT)

    parent = jobs.submit(block)
    assert begun.acquire(timeout=LIMIT)
    child = jobs.submit(str, parent)
    grandchild = jobs.submit(str, child)
    anyway = jobs.options(after=parent, when="done").submit(int)
    parent.kill()
    assert jobs.wait(timeout=LIMIT)
    assert [child.state, grandchild.state] == [JobState.SKIPPED] * 2
    assert str(child.exception).endswith("block) was killed")
    assert anyway.state is JobState.SUCCEEDED

    parent = jobs.submit(block)
    assert begun.acquire(timeout=LIMIT)
    anyway = jobs.options(after=parent, when="done").submit(int)
    last = jobs.submit(str, anyway)
    assert set(jobs.kill(parent, children=True)) == {parent.num, anyway.num, last.num}
    assert [job.state for job in (parent, anyway, last)] == [
        JobState.KILLED,
        JobState.CANCELLED,
        JobState.CANCELLED,
    ]


def test_a_cancelled_job_does_not_start(jobs: JobManager, blocker) -> None:
    """Also when what it waited for succeeds."""
    ran = threading.Event()
    child = jobs.options(after=jobs.submit(blocker.wait, LIMIT)).submit(ran.set)
    assert child.cancel()
    blocker.set()
    assert jobs.wait(timeout=LIMIT)
    assert child.state is JobState.CANCELLED
    assert not ran.is_set()


@pytest.mark.parametrize("after", [5, "nobody", "3-9"])
def test_unknown_jobs_are_errors_at_once(jobs: JobManager, after) -> None:
    """And no job is made."""
    with pytest.raises(JobNotFound):
        jobs.options(after=after).submit(int)
    assert len(jobs) == 0


def test_a_removed_job_cannot_be_waited_for(jobs: JobManager, capsys) -> None:
    """Neither by `after` nor as an argument, nor can one of another manager."""
    gone = jobs.submit(int)
    gone.wait(LIMIT)
    jobs.flush()
    with pytest.raises(JobNotFound):
        jobs.options(after=gone).submit(int)
    with pytest.raises(JobNotFound, match="removed, or belongs to another"):
        jobs.submit(str, gone)
    with JobManager() as others, pytest.raises(JobNotFound):
        jobs.submit(str, others.submit(int))


def test_a_result_is_kept_for_those_who_wait(jobs: JobManager, blocker, capsys) -> None:
    """The parent may be removed as soon as it has ended."""
    quick = jobs.submit(int, 7)
    child = jobs.submit(divmod, quick, jobs.submit(lambda: blocker.wait(LIMIT) and 2))
    quick.wait(LIMIT)
    jobs.remove(quick)
    blocker.set()
    assert child.get(LIMIT) == (3, 1)


def test_a_name_cannot_wait_for_itself(jobs: JobManager) -> None:
    """A job named like what it is to wait for, which is not there."""
    with pytest.raises(DependencyCycle, match="cannot wait for itself"):
        jobs.options(name="a", after="a").submit(int)


def test_bad_options(jobs: JobManager) -> None:
    """Are errors at once."""
    with pytest.raises(ValueError, match="when must be one of success, done, failure"):
        jobs.options(when="succes")


def test_rerun_of_a_job_with_parents(jobs: JobManager) -> None:
    """What it was given is still there; what has ended is not waited for again."""
    parts: list[int] = []
    job = jobs.options(after=[jobs.submit(int)]).submit(
        lambda n: n // len(parts), jobs.submit(int, 4)
    )
    job.wait(LIMIT)
    assert job.state is JobState.FAILED
    parts.append(1)
    assert job.rerun().get(LIMIT) == 4


def test_a_long_chain(jobs: JobManager) -> None:
    """Ten thousand jobs in a row need no stack and, while they wait, no thread."""
    before = threading.active_count()
    go = threading.Event()
    job = jobs.submit(lambda: go.wait(LIMIT) and 0)
    for _ in range(10_000):
        job = jobs.submit(lambda n: n + 1, job)
    assert threading.active_count() <= before + 1
    go.set()
    assert job.get(60) == 10_000


def test_a_long_chain_is_skipped(jobs: JobManager) -> None:
    """Likewise."""
    go = threading.Event()
    job = jobs.submit(lambda: go.wait(LIMIT) and fail())
    for _ in range(5_000):
        job = jobs.submit(str, job)
    go.set()
    assert job.wait(60)
    assert job.state is JobState.SKIPPED


def test_the_graph_is_drawn(jobs: JobManager) -> None:
    """As Mermaid text and as a picture, with names that mean nothing to either."""
    a = jobs.options(name='<b>"x"</b>').submit(fail)
    jobs.submit(str, a)
    jobs.submit(int)
    assert jobs.wait(timeout=LIMIT)
    drawn = jobs.graph()
    assert [job.num for job in drawn.jobs] == [0, 1]
    assert repr(drawn) == "<JobGraph: 2 jobs, 1 arrow>"
    assert "j0 --> j1" in str(drawn)
    assert '["0 #60;b#62;#34;x#34;#60;/b#62;<br>failed"]' in str(drawn)
    picture = drawn._repr_svg_()
    assert "<b>" not in picture
    assert picture.count("<rect") == 2
    assert len(jobs.graph(2).jobs) == 1


def test_a_closed_manager_starts_no_children(jobs: JobManager, blocker) -> None:
    """Closing ends what waits before what runs."""
    ran = threading.Event()
    parent = jobs.submit(blocker.wait, LIMIT)
    child = jobs.options(after=parent, when="done").submit(ran.set)
    jobs.close()
    assert child.state is JobState.CANCELLED
    assert not ran.is_set()
    with pytest.raises(JobError):
        jobs.submit(int)
