"""Programs that a job starts are out of the way of an interrupt."""

import os
import subprocess
import sys

import pytest

from nbjobs import JobManager

LIMIT = 30.0
ASK = [sys.executable, "-c", "import os; print(os.getpgid(0), os.getsid(0))"]


def ask(**options: object) -> tuple[int, int]:
    """The process group and the session of a new program."""
    group, session = subprocess.check_output(ASK, **options).split()
    return int(group), int(session)


def test_a_job_s_program_has_its_own_group(jobs: JobManager) -> None:
    """In the same session, so that a terminal still ends it when it closes."""
    group, session = jobs.submit(ask).get(LIMIT)
    assert group != os.getpgid(0)
    assert session == os.getsid(0)


def test_the_callers_wish_counts(jobs: JobManager) -> None:
    """Who asks for a session gets one; who asks for a group gets that."""
    group, session = jobs.submit(ask, start_new_session=True).get(LIMIT)
    assert group == session != os.getsid(0)
    group, _ = jobs.submit(ask, process_group=os.getpgid(0)).get(LIMIT)
    assert group == os.getpgid(0)


def test_mains_programs_are_as_ever(jobs: JobManager) -> None:
    """Code that belongs to no job is not touched."""
    assert ask()[0] == os.getpgid(0)


@pytest.mark.parametrize("function", [subprocess.Popen.__init__])
def test_undone_at_the_end(function) -> None:
    """Closing the last manager puts the original back."""
    with JobManager():
        assert subprocess.Popen.__init__ is not function
    assert subprocess.Popen.__init__ is function
