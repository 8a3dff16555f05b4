"""What is kept of jobs: that, when, how they ended, what they printed and returned."""

import contextlib
import os
import threading
import time
from pathlib import Path

import pytest

from keeping import LIMIT, Kept, kept
from nbjobs import JobError, JobState, current_job
from waiting import begun


def test_a_job_that_succeeded(keeping: Kept) -> None:
    """Everything about it is there, and its result is equal."""
    job = keeping.jobs.options(name="sum", retries=2, timeout=60).submit(sum, [1, 2, 3])
    assert job.get(LIMIT) == 6
    record = keeping.only()
    assert (record.num, record.name, record.source) == (0, "sum", "sum")
    assert (record.state, record.result, record.result_type) == (JobState.SUCCEEDED, 6, "int")
    assert record.options == {"name": "sum", "retries": 2, "timeout": 60}
    assert abs((record.submitted - job.submitted).total_seconds()) < 1e-3
    assert abs((record.started - job.started).total_seconds()) < 1e-3
    assert abs((record.completed - job.completed).total_seconds()) < 1e-3
    assert record.elapsed == pytest.approx(job.elapsed)
    assert record.attempts == 1
    assert record.error == ""


def test_a_job_that_failed(keeping: Kept) -> None:
    """The error is there in a line, and its traceback; asking for the result says how it ended."""

    def fails() -> None:
        raise ValueError("no such page")

    keeping.jobs.submit(fails).wait(LIMIT)
    record = keeping.only()
    assert (record.state, record.error) == (JobState.FAILED, "ValueError: no such page")
    with pytest.raises(JobError, match=r"has no result: failed after .*: ValueError: no such page"):
        _ = record.result


def test_tracebacks(keeping: Kept, capsys) -> None:
    """They show the user's lines, of a kill too, and a job without one says so."""

    def fails() -> None:
        raise ValueError("here")

    stay = threading.Event()

    def stays() -> None:
        stay.wait()

    keeping.jobs.submit(fails).wait(LIMIT)
    killed = keeping.jobs.submit(stays)
    begun(killed)
    killed.kill(LIMIT)
    keeping.jobs.submit(int).wait(LIMIT)
    for record, line in zip(
        keeping.records(), ('raise ValueError("here")', "stay.wait()", "no traceback"), strict=True
    ):
        record.traceback()
        assert line in capsys.readouterr().out


def test_output_is_what_the_job_has(keeping: Kept) -> None:
    """In the same order, streams and displays alike, and with lone surrogates escaped."""

    def talks() -> None:
        recorder = current_job().recorder
        recorder.write("stdout", "one\n")
        recorder.write("stderr", "two\n")
        recorder.display({"text/plain": "three"}, display_id="x")
        recorder.write("stdout", "four \udc80\n")
        recorder.update("x", {"text/plain": "3"})

    job = keeping.jobs.submit(talks)
    job.wait(LIMIT)
    record = keeping.only()
    assert record.outputs == job.outputs
    assert record.outputs[2]["data"]["text/plain"] == "3"
    assert record.stdout == "one\nfour \\udc80\n"
    assert record.stderr == "two\n"


def test_much_output_is_bounded_as_the_recorders(keeping: Kept) -> None:
    """The head, a gap and the tail are kept."""

    def floods() -> None:
        for number in range(100_000):
            current_job().recorder.write("stdout", f"{number:09}\n")

    job = keeping.jobs.submit(floods)
    job.wait(LIMIT)
    record = keeping.only()
    assert record.outputs == job.outputs
    assert "characters dropped here" in record.printed
    assert record.stdout.startswith("000000000\n")
    assert record.stdout.endswith("000099999\n")


def test_output_of_a_running_job_comes_along(keeping: Kept, blocker) -> None:
    """So that one sees how far it got, should its kernel die; and it stays bounded."""
    more = threading.Event()

    def talks() -> None:
        recorder = current_job().recorder
        current_job().progress(1, 3)
        recorder.write("stdout", "first\n")
        blocker.wait()
        for _ in range(30):
            recorder.write("stdout", "x" * 99_999 + "\n")
            more.wait(0.01)
        current_job().progress(2)
        recorder.write("stdout", "last\n")
        more.wait()

    job = keeping.jobs.submit(talks)
    end = time.monotonic() + LIMIT
    while "first\n" not in [record.stdout for record in keeping.records()]:
        assert time.monotonic() < end
    assert keeping.only().progress == (1, 3)
    assert keeping.only().state is JobState.RUNNING
    blocker.set()
    while not (record := keeping.only()).stdout.endswith("last\n"):
        assert time.monotonic() < end
    assert record.stdout.startswith("first\n")
    assert "characters dropped here" in record.stdout
    assert len(record.stdout) < 1_500_000
    assert record.progress == (2, 3)
    more.set()
    job.wait(LIMIT)
    assert keeping.only().outputs == job.outputs


def test_a_job_removed_at_once(keeping: Kept) -> None:
    """What is flushed from memory is in the journal all the same."""
    job = keeping.jobs.submit(lambda: current_job().recorder.write("stdout", "hi") and "value")
    job.wait(LIMIT)
    keeping.jobs.remove(job)
    record = keeping.only()
    assert (record.result, record.stdout) == ("value", "hi")


def test_output_after_the_end(keeping: Kept) -> None:
    """What a thread prints that has outlived its job is added."""
    job = keeping.jobs.submit(int)
    job.wait(LIMIT)
    keeping.records()
    job.recorder.write("stdout", "late")
    assert keeping.only().stdout == "late"
    assert keeping.only().result == 0


def test_all_kinds_of_ends(keeping: Kept, blocker) -> None:
    """Killed, timed out, cancelled, skipped and a map are there under their own states."""
    jobs = keeping.jobs
    killed = jobs.submit(blocker.wait)
    begun(killed)
    killed.kill(LIMIT)
    jobs.options(timeout=0.01).submit(blocker.wait).wait(LIMIT)
    blocked = jobs.submit(blocker.wait)
    begun(blocked)
    waiting = jobs.options(after=blocked).submit(int)
    waiting.cancel()
    jobs.options(after=killed).submit(int).wait(LIMIT)
    group = jobs.map(str, range(3), workers=1)
    assert group.get(LIMIT) == ["0", "1", "2"]
    states = [str(record.state) for record in keeping.records()]
    assert states[:5] == ["killed", "timed out", "running", "cancelled", "skipped"]
    assert keeping.records()[group.num].result == ["0", "1", "2"]


def test_many_at_once(keeping: Kept) -> None:
    """A burst of jobs from several threads: each is there once, with its own result."""

    def start(first: int) -> None:
        for number in range(first, first + 200):
            keeping.jobs.submit(int, number)

    threads = [threading.Thread(target=start, args=(first,)) for first in range(0, 1000, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keeping.jobs.wait(timeout=LIMIT)
    records = keeping.records()
    # Threads that start jobs at once are not told of in the order of their numbers.
    assert sorted(record.num for record in records) == list(range(1000))
    assert sorted(record.result for record in records) == list(range(1000))


def test_the_file_is_its_owners_only(keeping: Kept) -> None:
    """It, and what SQLite puts beside it, can be read by nobody else."""
    keeping.jobs.submit(int).wait(LIMIT)
    keeping.records()
    modes = {file.name: file.stat().st_mode & 0o777 for file in keeping.path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert set(modes) >= {"nbjobs.sqlite", "nbjobs.sqlite-wal"}


def test_idle_means_asleep(keeping: Kept) -> None:
    """Once everything is written its thread does not wake up."""
    keeping.jobs.submit(int).wait(LIMIT)
    keeping.records()
    (thread,) = [t for t in threading.enumerate() if t.name == "nbjobs-journal"]

    def switches() -> int:
        text = Path(f"/proc/self/task/{thread.native_id}/status").read_text()
        lines = [line for line in text.splitlines() if "ctxt_switches" in line]
        return sum(int(line.split()[1]) for line in lines)

    end = time.monotonic() + LIMIT
    while True:
        before = switches()
        time.sleep(0.5)
        if switches() == before:
            return
        assert time.monotonic() < end


def test_nothing_is_made_before_the_first_job(path: Path) -> None:
    """Neither file nor thread."""
    with kept(path) as keeping:
        keeping.journal.look_back()
        assert keeping.journal.flush(0)
        assert not path.exists()
        assert not [t for t in threading.enumerate() if t.name == "nbjobs-journal"]


def test_a_forked_child_leaves_it_alone(keeping: Kept) -> None:
    """A child that ends in the ordinary way neither writes to the file nor ends the session."""
    keeping.jobs.submit(int).wait(LIMIT)
    keeping.records()
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            keeping.journal.close()
            assert keeping.journal.flush()
            os._exit(0)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    keeping.jobs.submit(int, 7).wait(LIMIT)
    assert [record.result for record in keeping.records()] == [0, 7]


def test_a_strange_job_is_left_out_alone(keeping: Kept, caplog) -> None:
    """One whose name cannot be written, in the midst of others, which are all there."""

    class Strange(str):
        """A name that raises when it is looked at."""

        __slots__ = ()

        def __str__(self) -> str:
            raise RuntimeError("no")

    jobs = [
        keeping.jobs.options(name=name).submit(int, number)
        for number, name in enumerate(["a", Strange("b"), "c"])
    ]
    assert [job.get(LIMIT) for job in jobs] == [0, 1, 2]
    assert [(record.name, record.result) for record in keeping.records()] == [("a", 0), ("c", 2)]
    assert "job 1 cannot be written to the journal" in caplog.text
