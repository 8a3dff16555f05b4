"""Where a killed job was."""

import threading
from urllib.request import urlopen

from nbjobs import JobManager

LIMIT = 10.0


def test_place_is_in_the_users_code(jobs: JobManager) -> None:
    """Not the line of a library deep below that happened to be blocked, but the call into it."""
    blocker = threading.Event()
    started = threading.Event()

    def fetch() -> None:
        started.set()
        blocker.wait()

    job = jobs.submit(fetch)
    assert started.wait(LIMIT)
    job.kill(LIMIT)
    line = fetch.__code__.co_firstlineno + 2
    assert job.outcome() == f"at line {line} in fetch"
    assert job.exception.__traceback__ is not None


def test_libraries_alone(jobs: JobManager) -> None:
    """If there is no code of the user's, it says where the library was."""
    job = jobs.submit(threading.Event().wait)
    while not job.blocked_in:
        pass
    job.kill(LIMIT)
    assert job.outcome().startswith("at line ")
    assert job.outcome().endswith((" in wait", " in acquire"))


def test_no_frame_of_ours_is_shown(jobs: JobManager, server: str, capsys) -> None:
    """Neither at the top, nor at the bottom, where our own wrapper slept."""
    import time

    started = threading.Event()

    def nap() -> str:
        with urlopen(server + "/1") as page:
            page.read()
        started.set()
        time.sleep(60)

    job = jobs.submit(nap)
    assert started.wait(LIMIT)
    job.kill(LIMIT)
    job.traceback()
    text = capsys.readouterr().out
    assert "time.sleep(60)" in text
    assert "JobKilled" in text
    assert "nbjobs/" not in text.replace("nbjobs.exceptions", "")
