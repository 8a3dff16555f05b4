"""What keeping jobs costs: each figure with the journal beside the same without, in one run.

Run `python benchmarks/journal.py`. The order of the two alternates; the medians are compared.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nbjobs.jobevents import EventKind, JobEvent
from nbjobs.journal.database import open_to_write
from nbjobs.journal.history import History, Reader
from nbjobs.journal.journal import Journal
from nbjobs.journal.options import Keeping
from nbjobs.journal.query import Query, states_of
from nbjobs.journal.rows import INSERT

ROUNDS = 20


def main() -> None:
    """Print all figures."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IPYTHONDIR"] = folder
        os.environ["JUPYTER_RUNTIME_DIR"] = f"{folder}/run"
        print(f"Python {sys.version.split()[0]}")
        print(f"{'':46} {'with':>10} {'without':>10}")
        shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
        shell.run_line_magic("load_ext", "nbjobs")
        shell.run_cell("def flood():\n    for n in range(20_000): print('line', n)")
        magic = shell.find_line_magic("job")
        manager = shell.user_ns["jobs"]

        def no_ops() -> float:
            start = time.perf_counter()
            for _ in range(300):
                magic("None").join()
            seconds = time.perf_counter() - start
            manager._registry.__init__()
            return seconds / 300

        def no_ops_processor() -> float:
            start = time.process_time()
            for _ in range(200):
                magic("None").join()
            time.sleep(0.25)  # Until the last of them are written.
            manager._registry.__init__()
            return (time.process_time() - start) / 200

        def one_no_op() -> float:
            # After a pause: the thread that writes is asleep, and has to be woken.
            times = []
            for _ in range(20):
                time.sleep(0.02)
                start = time.perf_counter()
                magic("None").join()
                times.append(time.perf_counter() - start)
            return statistics.median(times)

        def prints() -> float:
            start = time.perf_counter()
            magic("-s flood()").join()
            return time.perf_counter() - start

        compare(shell, "%job of nothing, one after the other", no_ops, 1e6, "µs", "limit 1.1")
        what = "the same: processor time, with all threads"
        compare(shell, what, no_ops_processor, 1e6, "µs", "no limit")
        compare(shell, "%job of nothing, now and then", one_no_op, 1e6, "µs", "limit 1.1")
        compare(shell, "a job that prints 20,000 lines", prints, 1e3, "ms", "limit 1.05")
        events(shell)
        shell.run_line_magic("unload_ext", "nbjobs")
        pages(Path(folder) / "many.sqlite")


def compare(
    shell: Any, what: str, measure: Callable[[], float], unit: float, name: str, limit: str
) -> None:
    """Print the medians of many rounds with the journal and without."""
    found: dict[bool, list[float]] = {True: [], False: []}
    settings = next(c for c in shell.configurables if type(c).__name__ == "NbJobs")
    for number in range(ROUNDS):
        for kept in (True, False) if number % 2 else (False, True):
            settings.journal = kept
            shell.find_line_magic("job")("None").join()
            time.sleep(0.2)
            found[kept].append(measure())
    with_, without = (statistics.median(found[kept]) * unit for kept in (True, False))
    ratio = statistics.median(a / b for a, b in zip(found[True], found[False], strict=True))
    print(f"{what:46} {with_:10.1f} {without:10.1f} {name}   ratio {ratio:5.2f}   ({limit})")
    settings.journal = True


def events(shell: Any) -> None:
    """What one event costs the thread it happens in."""
    job = shell.find_line_magic("job")("None")
    job.wait()
    journal = Journal(Keeping(Path(os.environ["IPYTHONDIR"]) / "events.sqlite"), print)
    event = JobEvent(EventKind.STATE, job, job.state)
    journal.on_event(event)
    start = time.perf_counter()
    for _ in range(1000):
        journal.on_event(event)
    each = (time.perf_counter() - start) / 1000
    journal.close()
    print(f"{'one event, in the thread it happens in':46} {each * 1e6:10.2f} µs")


def pages(path: Path) -> None:
    """Looking into a journal of 100,000 jobs."""
    connection = open_to_write(path)
    connection.execute("BEGIN")
    now = time.time()
    for session in range(1, 101):
        connection.execute(
            "INSERT INTO sessions (pid, host, folder, python, socket, token, started, ended) "
            "VALUES (1, '', '', '', '', '', ?, ?)",
            (now, now),
        )
        for num in range(1000):
            state = "failed" if num % 100 == 0 else "succeeded"
            name = "crawl" if num == 7 else None
            connection.execute(
                INSERT,
                (session, num, name, f"fetch_titles(urls[{num}])", 1, "{}", now, state, now, now,
                 0.5, None, None, 1, None, None, "list", "['Page 1', 'Page 2']", "", b"x" * 200),
            )  # fmt: skip
    connection.execute("COMMIT")
    connection.close()
    reader = Reader(path)
    for what, query in (
        ("the first page of 100,000 jobs", Query()),
        ("the first page of those that failed", Query(state=states_of("failed"))),
        ("the first page of a name", Query(name="crawl")),
        ("the first page of a session", Query(session=50)),
    ):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            History(reader, query).page()
            times.append(time.perf_counter() - start)
        print(f"{what:46} {statistics.median(times) * 1e3:10.1f} ms   (limit 100)")
    start = time.perf_counter()
    count = len(History(reader, Query()))
    print(f"{f'counting all {count:,}':46} {(time.perf_counter() - start) * 1e3:10.1f} ms")


if __name__ == "__main__":
    main()
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("nbjobs-j")]
    assert not left, left
