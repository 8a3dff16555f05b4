"""Options are checked before a job is made."""

import pytest

from nbjobs import JobManager


@pytest.mark.parametrize("name", ["", "  ", "a,b", "a\nb", " a", "3", "5-9", "-x"])
def test_names_that_cannot_be_told_from_something_else(jobs: JobManager, name: str) -> None:
    """Such a name is refused with a reason, and no job is made."""
    with pytest.raises(ValueError, match="cannot name a job"):
        jobs.options(name=name)
    assert len(jobs) == 0


@pytest.mark.parametrize("name", ["crawl", "my job", "<img src=x>", "a-1", "3a", "Müller"])
def test_names_that_can(jobs: JobManager, name: str) -> None:
    """Everything else names a job."""
    job = jobs.options(name=name).submit(int)
    assert jobs[name] is job


@pytest.mark.parametrize(
    ("timeout", "error"),
    [
        (0, ValueError),
        (-1, ValueError),
        (float("nan"), ValueError),
        ("3", TypeError),
        (True, TypeError),
    ],
)
def test_timeouts_are_positive_numbers(jobs, timeout, error) -> None:
    """A time limit that makes no sense is refused."""
    with pytest.raises(error, match="timeout"):
        jobs.options(timeout=timeout)


def test_unknown_option(jobs: JobManager) -> None:
    """The message lists the options that there are."""
    with pytest.raises(TypeError, match=r"unknown option 'nmae'; the options are name, timeout"):
        jobs.options(nmae="x")


def test_a_name_must_be_text(jobs: JobManager) -> None:
    """A number is not a name."""
    with pytest.raises(TypeError, match="must be a string, not int"):
        jobs.options(name=3)
