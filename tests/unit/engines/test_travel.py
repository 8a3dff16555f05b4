"""What travels to another process: just what is used, by value, and said clearly if it cannot."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from nbjobs import JobError, JobManager, NotPicklable
from nbjobs.coderun import CodeRun
from nbjobs.remote import names
from nbjobs.remote.packing import LARGE

LIMIT = 60.0


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a + b.attribute", {"a", "b"}),
        ("x = a\nx + 1", {"a", "x"}),
        ("[a for _ in b]", {"a", "b"}),
        ("def f(p=a):\n    return lambda: b", {"a", "b"}),
        ("class C(a):\n    y = b", {"a", "b"}),
        ("@a\ndef f(): pass", {"a"}),
        ("f'{a}'", {"a"}),
        ("get_ipython().run_line_magic('timeit', 'a + b')", {"a", "b"}),
        ("'a'", set()),
    ],
)
def test_names_are_found_from_the_code(code: str, expected: set[str]) -> None:
    """In nested code, defaults, bases and decorators too; an attribute is no name."""
    namespace = dict.fromkeys(["a", "b", "x", "attribute", "unused"], 1)
    assert set(names.used([compile(code, "<test>", "exec")], namespace)) == expected


def test_only_what_is_used_travels(run: Callable[[str], Any]) -> None:
    """What cannot be pickled is no trouble, as long as the code does not use it."""
    run("import threading\nlock = threading.Lock()\nused = 20")
    run("job = %job --on process used + 1")
    assert run("job.get(60)") == 21


def test_functions_share_the_names_of_the_cell(run: Callable[[str], Any]) -> None:
    """A name that a function sets is seen by the cell that calls it, as in the notebook."""
    run("count = 0\ndef step():\n    global count\n    count += 1")
    run("job = get_ipython().run_cell_magic('job', '--on process', 'step()\\nstep()\\ncount')")
    assert run("job.get(60)") == 2
    assert run("count") == 0


def test_a_name_that_the_cell_assigns_need_not_travel(run: Callable[[str], Any]) -> None:
    """The file of an earlier `with open(...) as f` does not keep a cell with another from going."""
    run(f"f = open({__file__!r}); f.close()")
    job = run(
        f"%%job --on process\nwith open({__file__!r}) as f:\n    first = f.readline()\nlen(first)"
    )
    assert job.get(LIMIT) > 10


def test_names_keep_the_values_of_the_submission(run: Callable[[str], Any]) -> None:
    """Each job of a loop has the loop's variable as it was, though it waits for a worker."""
    run("jobs.engines.processes = 1\nfound = []")
    run("for n in range(20):\n    get_ipython().run_line_magic('job', '--on process n * 10')")
    assert run("[job.get(60) for job in jobs]") == [n * 10 for n in range(20)]


def test_export(run: Callable[[str], Any]) -> None:
    """Named names come back, others do not; one that is not there is an error."""
    cell = "y = 5\\nz = 6"
    run(f"job = get_ipython().run_cell_magic('job', '--on process --export y', '{cell}')")
    run("job.get(60)")
    assert run("y") == 5
    assert run("'z' in globals()") is False
    run("bad = %job --on process --export nowhere 1 + 1")
    with pytest.raises(JobError, match="there is no nowhere to export"):
        run("bad.get(60)")


def test_assigning_to_an_item_is_refused(run: Callable[[str], Any]) -> None:
    """It would be assigned in a copy."""
    run("table = {}")
    run("job = %job --on process table['a'] = 1")
    with pytest.raises(JobError, match="only plain names can be assigned"):
        run("job.get(60)")


def test_what_cannot_travel_is_named(jobs: JobManager) -> None:
    """The error says which variable it is, however deep it lies."""
    lock = threading.Lock()
    submit = jobs.options(on="process").submit

    def closure() -> object:
        return lock

    for call, text in (
        (lambda: submit(len, {"a": [1, lock]}), r"argument 1\['a'\]\[1\] \(_thread.lock\)"),
        (lambda: submit(dict, key=lock), r"argument key= \(_thread.lock\)"),
        (lambda: submit(closure), r"lock, which closure uses,"),
        (lambda: submit(lambda: (n for n in ())), r"the result \(generator\) cannot be sent back"),
    ):
        with pytest.raises(NotPicklable, match=text):
            call().get(LIMIT)


def test_an_item_that_cannot_travel_fails_alone(jobs: JobManager) -> None:
    """The other items of the map have their results; so with a result that cannot."""
    group = jobs.options(on="process").map(lambda n: n or (m for m in ()), [1, threading.Lock(), 0])
    group.wait(LIMIT)
    assert group.results[0] == 1
    assert isinstance(group.results[1], NotPicklable)
    assert isinstance(group.results[2], NotPicklable)


def test_a_function_that_cannot_travel_ends_the_map(jobs: JobManager) -> None:
    """The map's error names what cannot be pickled."""
    lock = threading.Lock()
    with pytest.raises(NotPicklable, match="lock, which"):
        jobs.options(on="process").map(lambda n: (lock, n), range(5)).get(LIMIT)


def test_something_large_is_announced(jobs: JobManager) -> None:
    """The job says how much it sends, and what of it is the most."""
    job = jobs.options(on="process").submit(lambda small, large: len(large), 1, bytearray(LARGE))
    assert job.get(LIMIT) == LARGE
    assert "sending 104.9 MB to another process, of which argument 2 is 104.9 MB" in job.stderr


def test_a_module_that_is_not_there(jobs: JobManager) -> None:
    """The error names the module, and says what to do."""
    import types

    module = types.ModuleType("made_up_here")
    exec("def f():\n    return 1", vars(module))
    sys.modules["made_up_here"] = module
    try:
        job = jobs.options(on="process").submit(module.f)
        with pytest.raises(JobError, match=r"No module named 'made_up_here'.*imports modules by"):
            job.get(LIMIT)
    finally:
        del sys.modules["made_up_here"]


def test_an_error_that_cannot_be_made_again(jobs: JobManager) -> None:
    """It arrives in words, with its traceback."""

    class Strange(Exception):
        def __init__(self, first: int, second: int) -> None:
            super().__init__(first)

    def fail() -> None:
        raise Strange(1, 2)

    job = jobs.options(on="process").submit(fail)
    with pytest.raises(JobError, match="Strange: 1"):
        job.get(LIMIT)
    assert "raise Strange(1, 2)" in job._tb


def test_code_runs_are_called_over_their_namespace() -> None:
    """A code run gives the value of its last piece."""
    codes = [compile("y = x + 1", "<t>", "exec"), compile("y * 2", "<t>", "eval")]
    names_: dict[str, Any] = {"x": 4}
    assert CodeRun(codes, names_, names_)() == 10
