"""`%job` and `%%job`: what they run, and what they refuse."""

import threading

import pytest
from IPython.core.error import UsageError

from nbjobs import Job, JobState
from waiting import begun

LIMIT = 10.0


@pytest.fixture
def job(shell, run):
    """Runs a cell that starts one job, waits for its end and returns it."""

    def start(code: str) -> Job:
        run(code)
        started = list(shell.user_ns["jobs"])[-1]
        assert started.wait(LIMIT)
        return started

    return start


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("1 + 1", 2),
        ("{'a': \"{b} $c\"}", {"a": "{b} $c"}),
        ("[x for x in range(3) if x]", [1, 2]),
        ("-- -2 ** 2", -4),
        ("len('it\\'s')", 4),
        ("(lambda: 7)()", 7),
        ("__import__('asyncio').sleep(0, 'slept') and 3", 3),
    ],
)
@pytest.mark.filterwarnings("ignore:coroutine 'sleep' was never awaited:RuntimeWarning")
def test_expressions_are_taken_as_they_stand(job, line: str, value: object) -> None:
    """Nothing in the line is expanded, unquoted or reformatted."""
    assert job(f"%job {line}").result == value


def test_the_job_is_returned(shell, run) -> None:
    """`j = %job …` binds the Job; a bare `%job` shows it as the cell's result."""
    run("j = %job 6 * 7")
    assert shell.user_ns["j"].get(LIMIT) == 42
    shown = run("%job 1")
    assert isinstance(shown, Job)
    assert shell.user_ns["_"] is shown


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("a = 5", {"a": 5}),
        ("a = b = 6", {"a": 6, "b": 6}),
        ("a, (b, *c) = 1, (2, 3, 4)", {"a": 1, "b": 2, "c": [3, 4]}),
        ("a: int = 7", {"a": 7}),
        ("box['k'] = 8", {"box": {"k": 8}}),
        ("n += 2", {"n": 3}),
        ("a = !echo hi", {"a": ["hi"]}),
        ("a = await asyncio.sleep(0, 9)", {"a": 9}),
        ("box[0], a = await asyncio.sleep(0, (1, 2))", {"box": {0: 1}, "a": 2}),
    ],
)
def test_assignments_land_in_the_namespace(shell, run, job, line, names) -> None:
    """Names, unpacking, items, shell output: all are there when the job has succeeded."""
    run("import asyncio; n = 1; box = {}")
    ended = job(f"%job {line}")
    assert ended.state is JobState.SUCCEEDED, ended.summary(200)
    assert {name: shell.user_ns[name] for name in names} == names


def test_an_assignments_value_is_the_result(job) -> None:
    """Also where the targets are not plain names."""
    assert job("%job a, b = 1, 2").result == (1, 2)
    assert job("%job a = 3").result == 3


def test_a_failed_assignment_assigns_nothing(shell, job) -> None:
    """The names stay as they were, and an unpacking that does not fit fails the job."""
    shell.user_ns["a"] = "before"
    assert job("%job a = 1 / 0").state is JobState.FAILED
    assert shell.user_ns["a"] == "before"
    assert "too many values" in job("%job a, b = 1, 2, 3").summary(200)


def test_a_killed_assignment_assigns_nothing(shell, run) -> None:
    """The name is bound only once the job can no longer be killed."""
    blocker = shell.user_ns["blocker"] = threading.Event()
    run("j = %job a = blocker.wait() or 1")
    job = shell.user_ns["j"]
    begun(job)
    job.kill(LIMIT)
    blocker.set()
    assert (job.state, "a" in shell.user_ns) == (JobState.KILLED, False)


def test_a_cell(shell, job) -> None:
    """Statements, magics, shell commands and await; the last expression is the result."""
    ended = job(
        "%%job --name mixed\n"
        "import asyncio, math\n"
        "words = !echo one two\n"
        "await asyncio.sleep(0)\n"
        "directory = %pwd\n"
        "def area(r):\n"
        "    return math.floor(math.pi * r * r)\n"
        "[area(r) for r in (1, 2)]"
    )
    assert ended.result == [3, 12], ended.summary(200)
    assert (ended.name, shell.user_ns["words"]) == ("mixed", ["one two"])
    assert shell.user_ns["directory"] == shell.run_line_magic("pwd", "")


def test_a_cell_without_a_last_expression_has_no_result(shell, job) -> None:
    """It succeeds with None, and what it assigned is there."""
    assert job("%%job\nx = 3").result is None
    assert shell.user_ns["x"] == 3


def test_a_traceback_shows_the_cells_own_lines(job, capsys) -> None:
    """With the numbers that the notebook shows: the line with %%job is the first."""
    ended = job("%%job\ndef g():\n    return 1 / 0\n\ng()")
    ended.traceback()
    text = capsys.readouterr().out
    assert "----> 3     return 1 / 0" in text
    assert "----> 5 g()" in text
    assert "nbjobs" not in text


def test_a_traceback_has_the_cells_number(shell, run, capsys) -> None:
    """The `In[n]` of a job's traceback is the cell that started it, as in IPython's own."""
    run("1 + 1")
    run("%%job --name cell\n1 / 0")
    run("%job --name line 1 / 0")
    for number, name in ((2, "cell"), (3, "line")):
        assert shell.user_ns["jobs"][name].wait(LIMIT)
        shell.user_ns["jobs"].traceback(name)
        assert f"In[{number}]" in capsys.readouterr().out
    outcome = shell.run_cell("1 / 0", store_history=True)
    assert outcome.execution_count == 4
    assert "In[4]" in capsys.readouterr().out


def test_future_imports_of_earlier_cells_hold(run, job, shell) -> None:
    """A cell in the background is compiled like one in the foreground."""
    run("from __future__ import annotations")
    job("%%job\ndef f(a: undefined): ...\nhint = f.__annotations__")
    assert shell.user_ns["hint"] == {"a": "undefined"}


def test_user_namespace_is_live(shell, run) -> None:
    """A job sees names that are assigned after its start."""
    go = shell.user_ns["go"] = threading.Event()
    run("j = %job go.wait() and later")
    shell.user_ns["later"] = "seen"
    go.set()
    assert shell.user_ns["j"].get(LIMIT) == "seen"


def test_history_and_underscore_are_left_alone(shell, run, job) -> None:
    """A job neither changes `_` nor adds to Out, however many results it has."""
    run("41 + 1")
    before = dict(shell.user_ns["Out"])
    job("%%job\n1\n2")
    assert shell.user_ns["_"] is not None
    added = {n: v for n, v in shell.user_ns["Out"].items() if n not in before}
    assert [type(value) for value in added.values()] == [Job]


def test_wait(shell, run) -> None:
    """`--wait` returns when the job has ended."""
    run("import time")
    job = run("%job --wait time.sleep(0.05)")
    assert job.state is JobState.SUCCEEDED


def test_time_limit(shell, run) -> None:
    """`--timeout` ends a job that sleeps too long."""
    run("import time")
    job = run("%job -t 0.05 time.sleep(60)")
    assert job.wait(LIMIT)
    assert job.state is JobState.TIMED_OUT


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("%job", "nothing to run: write an expression after %job"),
        ("%job --wait", "nothing to run"),
        ("%job 1 +", "no job was made, because of a syntax error"),
        ("%%job\nfor x in", "no job was made, because of a syntax error"),
        ("%job --nmae x f()", "unknown option --nmae: did you mean --name"),
        ("%job -z f()", "unknown option -z: the options are -n, --name"),
        ("%job -x ** 2", "put -- before it: %job -- -x ** 2"),
        ("%job --name", "--name needs a value: --name NAME"),
        ("%job --name=", "cannot name a job"),
        ("%job --wait=3 f()", "--wait takes no value, but was given '3'"),
        ("%job --timeout soon f()", "invalid float value: 'soon'"),
        ("%job --timeout -1 f()", "must be more than 0 seconds"),
        ("%job --name 5-9 f()", "reads as a number, a range or an option"),
        ("%job --name 'a f()", "a quote is not closed"),
        ("%%job f()\n1", "only options may follow %%job, not 'f()'"),
        ("%%job\n   \n", "nothing to run: the cell is empty"),
        ("%job 1\x00", "null bytes"),
    ],
)
def test_bad_input(shell, run, line: str, says: str) -> None:
    """Each is a UsageError that says what to do, and makes no job."""
    with pytest.raises(UsageError) as caught:
        run(line)
    assert says in str(caught.value)
    assert len(shell.user_ns["jobs"]) == 0


def test_a_name_in_use(shell, run) -> None:
    """Refused with a UsageError that says how to go on; the other job is not harmed."""
    blocker = shell.user_ns["blocker"] = threading.Event()
    run("%job -n crawl blocker.wait()")
    with pytest.raises(UsageError, match="choose another name, wait for it or kill it"):
        run("%job -n crawl 1")
    blocker.set()
    assert shell.user_ns["jobs"]["crawl"].get(LIMIT) is True


def test_quoted_names(job) -> None:
    """Quotes keep the words of a name together, and an equals sign works, too."""
    assert job("%job --name 'my job' 1").name == "my job"
    assert job('%job --name="other job" 1').name == "other job"


def test_lazy_magics_in_many_jobs_at_once(shell, run) -> None:
    """A magic that is loaded at first use is loaded once, in the caller's thread."""
    jobs = shell.user_ns["jobs"]
    for _ in range(8):
        run("%job %timeit -n1 -r1 -q -o pass")
    assert jobs.wait(timeout=LIMIT)
    assert {job.state for job in jobs} == {JobState.SUCCEEDED}


def test_help(shell, capsys) -> None:
    """`%job?` shows the options and examples."""
    shell.run_cell("%job?")
    text = capsys.readouterr().out
    for part in ("--timeout SECONDS", "examples:", "%job titles = fetch_titles(urls)", "%%job"):
        assert part in text
