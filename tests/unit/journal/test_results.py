"""Results that are too large, cannot be pickled, or misbehave: noted, and never in the way."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from keeping import LIMIT, Kept, kept
from nbjobs import JobError, JobState
from nbjobs.journal import pickles, results


class Hangs:
    """Pickling it waits for an event."""

    go = threading.Event()

    def __reduce__(self):
        """Never in time."""
        Hangs.go.wait()
        return (int, ())


class Slow:
    """Pickling it takes three times as long as a batch waits for its results."""

    def __reduce__(self):
        """In time, but late."""
        threading.Event().wait(3 * results.TOGETHER)
        return (int, (7,))


class Leaves:
    """Pickling it ends the program."""

    def __reduce__(self):
        """Not ours to obey."""
        raise SystemExit(3)


class Speaks:
    """Pickling it prints."""

    def __init__(self, recorder) -> None:
        self.recorder = recorder

    def __reduce__(self):
        """As the job that it is the result of."""
        from nbjobs import current_job

        current_job().recorder.write("stdout", "pickled")
        return (int, ())


def test_values(keeping: Kept) -> None:
    """Builtin values, nested ones, and objects of importable classes come back."""
    values = [None, True, 3, 2.5, "text", b"bytes", [1, [2]], {"a": {3}}, (4, None), Path("/x")]
    for value in values:
        keeping.jobs.submit(lambda value=value: value).wait(LIMIT)
    assert [record.result for record in keeping.records()] == values


def test_functions(keeping: Kept) -> None:
    """A function made in a function is kept with its code and what it refers to."""
    offset = 40
    keeping.jobs.submit(lambda: lambda x: x + offset).wait(LIMIT)
    assert keeping.only().result(2) == 42


@pytest.mark.parametrize("value", ["x" * 5000, list(range(5000)), [b"x" * 4000, b"y" * 4000]])
def test_too_large(path: Path, value: object) -> None:
    """The type and a short form are kept, and the error says why and what to set."""
    with kept(path, result_size=4096) as keeping:
        keeping.jobs.submit(lambda: value).wait(LIMIT)
        record = keeping.only()
        assert record.result_type == type(value).__name__
        assert record.result_repr
        with pytest.raises(JobError, match=r"larger than 4,096 bytes \(NbJobs.journal_result_size"):
            _ = record.result


def test_no_values_wanted(path: Path) -> None:
    """With a size of 0 none is pickled at all."""
    with kept(path, result_size=0) as keeping:
        keeping.jobs.submit(int, 7).wait(LIMIT)
        record = keeping.only()
        assert record.result_repr == "7"
        with pytest.raises(JobError, match="journal_result_size is 0"):
            _ = record.result


@pytest.mark.parametrize(
    ("value", "why"), [(threading.Lock(), "TypeError"), (Leaves(), "SystemExit")]
)
def test_what_cannot_be_pickled(keeping: Kept, value: object, why: str) -> None:
    """Whatever it raises is noted, and the next job is kept as ever."""
    keeping.jobs.submit(lambda: value).wait(LIMIT)
    keeping.jobs.submit(int, 3).wait(LIMIT)
    bad, good = keeping.records()
    assert bad.result_note == f"it cannot be pickled: {why}"
    assert bad.result_type.endswith(type(value).__name__)
    assert good.result == 3


def test_what_hangs_is_given_up(keeping: Kept, monkeypatch) -> None:
    """Other results are written meanwhile; after a while it is noted as too slow."""
    Hangs.go.clear()
    try:
        keeping.jobs.submit(int).wait(LIMIT)
        assert keeping.only().result == 0
        for function in (Hangs, lambda: {"a": 1}):
            keeping.jobs.submit(function).wait(LIMIT)
        keeping.jobs.submit(int, 3).wait(LIMIT)
        while len(found := keeping.so_far()) < 4 or found[3].state is not JobState.SUCCEEDED:
            pass
        assert found[1].result_note.startswith("it was still being pickled")
        assert found[3].result == 3
        monkeypatch.setattr(pickles, "DEADLINE", 0.2)
        _, hanging, after, _ = keeping.records()
        assert hanging.result_note == "pickling it took longer than 0.2 s"
        assert after.result == {"a": 1}
    finally:
        Hangs.go.set()


def test_who_waits_for_the_journal_waits_for_slow_results(keeping: Kept) -> None:
    """What takes longer than a batch waits is written later, and is there when all is."""
    keeping.jobs.submit(Slow).wait(LIMIT)
    assert keeping.only().result == 7


def test_what_prints_prints_as_the_job(keeping: Kept) -> None:
    """Its output is the job's, and nobody else's."""
    job = keeping.jobs.submit(Speaks, None)
    job.wait(LIMIT)
    while "pickled" not in keeping.only().stdout:
        assert keeping.journal.flush(LIMIT)
    assert keeping.only().result == 0


def test_what_changes_meanwhile(keeping: Kept) -> None:
    """A result that main goes on changing is kept as it was at some moment, or noted as unkept."""
    stop = threading.Event()
    shared: dict[int, int] = {}

    def changes() -> None:
        number = 0
        while not stop.is_set():
            shared[number] = number
            number += 1
            if number % 5000 == 0:
                shared.clear()

    changer = threading.Thread(target=changes)
    changer.start()
    try:
        for _ in range(30):
            keeping.jobs.submit(lambda: shared).wait(LIMIT)
        records = keeping.records()
    finally:
        stop.set()
        changer.join()
    assert len(records) == 30
    for record in records:
        assert record.result_note or isinstance(record.result, dict)


SESSION = """
import sys
sys.modules["cloudpickle"] = None
from pathlib import Path
from keeping import kept
class Mine: pass
with kept(Path(sys.argv[1])) as keeping:
    keeping.jobs.submit(Mine).wait(30)
    keeping.jobs.submit(lambda: {"a": [1]}).wait(30)
    mine, plain = keeping.records()
    print(mine.result_note)
    print(plain.result)
"""


def test_without_cloudpickle(path: Path) -> None:
    """Classes of the session are noted with what to install; all else is kept without it."""
    run = subprocess.run(
        [sys.executable, "-c", SESSION, str(path)], capture_output=True, text=True, check=True,
        timeout=60, cwd=Path(__file__).parents[2] / "support",
    )  # fmt: skip
    note, value = run.stdout.splitlines()
    assert note.endswith("needs cloudpickle: pip install 'nbjobs[journal]'")
    assert value == "{'a': [1]}"


OTHER = """
import sys
from pathlib import Path
from keeping import kept
class Mine:
    value = 42
with kept(Path(sys.argv[1])) as keeping:
    keeping.jobs.submit(Mine).wait(30)
"""


def test_classes_of_another_session(path: Path) -> None:
    """An object of a class that only the other session had comes back whole."""
    subprocess.run(
        [sys.executable, "-c", OTHER, str(path)], check=True, timeout=60,
        cwd=Path(__file__).parents[2] / "support",
    )  # fmt: skip
    with kept(path) as keeping:
        assert keeping.only().result.value == 42
