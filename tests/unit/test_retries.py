"""Jobs that are tried again, and jobs that are run again and again."""

import threading

import pytest

from nbjobs import JobManager, JobState, JobTimeout, shield
from nbjobs.backoff import LONGEST, delay

LIMIT = 10.0


class Flaky:
    """Fails so many times, then works."""

    def __init__(self, failures: int, error: type[Exception] = OSError) -> None:
        self.failures = failures
        self.error = error
        self.calls = 0
        self.failed = threading.Event()

    def __call__(self) -> int:
        self.calls += 1
        if self.calls <= self.failures:
            self.failed.set()
            raise self.error(f"call {self.calls}")
        return self.calls


def test_tried_again_until_it_works(jobs: JobManager) -> None:
    """It is one job, running all the time, whose attempts are told."""
    states = []
    jobs.subscribe(lambda event: states.append(event.state))
    job = jobs.options(retries=3, retry_delay=0.01).submit(Flaky(2))
    assert job.get(LIMIT) == 3
    assert job.attempts == 3
    assert job.failures == ["OSError: call 1", "OSError: call 2"]
    assert set(states) == {JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED}


def test_no_more_than_so_many_times(jobs: JobManager) -> None:
    """Then the last error is the job's."""
    work = Flaky(9)
    job = jobs.options(retries=2, retry_delay=0.01).submit(work)
    with pytest.raises(OSError, match="call 3"):
        job.get(LIMIT)
    assert work.calls == job.attempts == 3


def test_only_for_what_was_named(jobs: JobManager) -> None:
    """Subclasses included; anything else ends the job at once."""
    retrying = jobs.options(retries=3, retry_delay=0.01, retry_on=(LookupError, OSError))
    assert retrying.submit(Flaky(1, KeyError)).get(LIMIT) == 2
    job = retrying.submit(Flaky(1, ValueError))
    with pytest.raises(ValueError, match="call 1"):
        job.get(LIMIT)
    assert job.attempts == 1


@pytest.mark.parametrize("nonsense", ["OSError", int, [OSError, 3], KeyboardInterrupt])
def test_retry_on_takes_exception_classes(jobs: JobManager, nonsense) -> None:
    """Of ordinary exceptions."""
    with pytest.raises(TypeError, match="retry_on takes exception classes"):
        jobs.options(retry_on=nonsense)


def test_no_thread_is_held_between_attempts(jobs: JobManager) -> None:
    """The pause is seen, and a kill ends it at once."""
    paused = threading.Event()
    work = Flaky(1)
    jobs.subscribe(lambda event: event.job.failures and paused.set())
    job = jobs.options(retries=1, retry_delay=1000).submit(work)
    assert paused.wait(LIMIT)
    assert job.state is JobState.RUNNING
    assert job.ident is None
    assert "attempt 1 of 2 (OSError: call 1), again in" in job.summary(100)
    job.kill(LIMIT)
    assert job.state is JobState.KILLED
    assert work.calls == 1
    assert jobs._dispatcher.active == 0


def test_a_place_in_the_queue_is_kept_but_no_thread(jobs: JobManager) -> None:
    """Order is kept in the queue, and others may use the thread meanwhile."""
    jobs.limit = 1
    work = Flaky(1)
    first = jobs.options(queue="db", retries=1, retry_delay=0.05).submit(work)
    behind = jobs.options(queue="db").submit(lambda: work.calls)
    other = jobs.submit(int)
    assert other.get(LIMIT) == 0
    assert behind.get(LIMIT) == 2
    assert first.get(LIMIT) == 2


def test_the_time_limit_is_for_each_attempt(jobs: JobManager, blocker) -> None:
    """One that runs into it is tried again; the last one ends the job."""
    calls = []

    def work() -> None:
        calls.append(1)
        blocker.wait(LIMIT)

    job = jobs.options(timeout=0.05, retries=2, retry_delay=0.01).submit(work)
    with pytest.raises(JobTimeout):
        job.get(LIMIT)
    assert len(calls) == 3
    assert job.state is JobState.TIMED_OUT
    assert job.failures == ["JobTimeout: it ran into its time limit"] * 2


def test_a_kill_wins_over_a_retry(jobs: JobManager) -> None:
    """A killed job is not tried again, whatever it raises."""
    begun, go = threading.Event(), threading.Event()

    def work() -> None:
        with shield():
            begun.set()
            go.wait(LIMIT)
            raise OSError

    job = jobs.options(retries=5, retry_delay=0.01).submit(work)
    assert begun.wait(LIMIT)
    job.kill(0)
    go.set()
    assert job.wait(LIMIT)
    assert job.attempts == 1
    assert job.state in (JobState.KILLED, JobState.FAILED)


def test_pauses_grow_with_jitter() -> None:
    """Doubling, with up to the first pause on top, and never much longer than a minute."""
    pauses = [delay(attempt, 1.0) for attempt in range(1, 12)]
    for attempt, pause in enumerate(pauses):
        assert min(2.0**attempt, LONGEST) <= pause <= min(2.0**attempt, LONGEST) + 1.0
    assert len({delay(1, 1.0) for _ in range(10)}) > 1


def test_again_and_again_until_killed(jobs: JobManager) -> None:
    """Never two at a time, as one job, which between two runs holds no thread."""
    enough = threading.Event()
    lock = threading.Lock()
    runs = []

    def work(number: int) -> None:
        assert lock.acquire(blocking=False)
        runs.append(number)
        if len(runs) >= 5:
            enough.set()
        lock.release()

    job = jobs.every(0.01, work, 7)
    assert enough.wait(LIMIT)
    assert job.state is JobState.RUNNING
    job.kill(LIMIT)
    assert job.state is JobState.KILLED
    assert job.attempts >= 5
    assert set(runs) == {7}


def test_killed_between_two_runs(jobs: JobManager) -> None:
    """At once, however long the interval is."""
    paused = threading.Event()
    jobs.subscribe(
        lambda event: event.job.attempts_text().startswith("1 run, again") and paused.set()
    )
    job = jobs.every(10_000, int)
    assert paused.wait(LIMIT)
    assert job.ident is None
    job.kill(LIMIT)
    assert job.state is JobState.KILLED


def test_a_run_that_fails_ends_the_repetition(jobs: JobManager) -> None:
    """Unless there are retries, which are then counted for each run anew."""
    job = jobs.every(0.01, Flaky(1))
    with pytest.raises(OSError, match="call 1"):
        job.get(LIMIT)

    calls = []
    enough = threading.Event()

    def sometimes() -> None:
        calls.append(1)
        if len(calls) > 8:
            enough.set()
        if len(calls) % 2:
            raise OSError

    job = jobs.options(every=0.01, retries=1, retry_delay=0.01).submit(sometimes)
    assert enough.wait(LIMIT)
    assert job.state is JobState.RUNNING
    job.kill(LIMIT)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), "1", None, True])
def test_intervals_that_make_no_sense(jobs: JobManager, seconds) -> None:
    """Are refused at once."""
    with pytest.raises((TypeError, ValueError)):
        jobs.every(seconds, int)
    assert len(jobs) == 0


def test_a_repeated_job_shares_its_queue(jobs: JobManager) -> None:
    """Between two runs others have their turn."""
    twice = threading.Semaphore(0)
    job = jobs.options(every=0.01, queue="db").submit(twice.release)
    for _ in range(3):
        assert twice.acquire(timeout=LIMIT)
        assert jobs.options(queue="db").submit(int).get(LIMIT) == 0
    job.kill(LIMIT)
    assert not jobs._dispatcher.places


def test_kills_at_random_moments(jobs: JobManager) -> None:
    """Whether a job runs, pauses or is about to: it ends, and leaves no place taken."""
    jobs.limit = 8
    made = [jobs.every(0.001, int) for _ in range(100)]
    made += [
        jobs.options(retries=10**6, retry_delay=0.001).submit(Flaky(10**6)) for _ in range(100)
    ]
    for job in made:
        job.kill(0)
    assert jobs.wait(timeout=60)
    assert {job.state for job in made} <= {JobState.KILLED, JobState.CANCELLED}
    assert jobs._dispatcher.active == 0
    assert not jobs._dispatcher.places
