"""The main job in a real kernel: each thing a user types, driven over the kernel's sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from iopub import Kernel, kernel


@pytest.fixture(scope="module")
def k() -> Iterator[Kernel]:
    """A kernel with nbjobs loaded and an event to block on."""
    with kernel() as started:
        started.run("%load_ext nbjobs\nimport threading, time, asyncio\ngo = threading.Event()")
        yield started


@pytest.fixture(autouse=True)
def fresh(k: Kernel) -> Iterator[None]:
    """Each test begins without jobs, and ends them."""
    yield
    k.run("go.set(); jobs.kill(); jobs.flush(); go.clear()")


def failure(k: Kernel, code: str) -> str:
    """The error that the cell ends with, as the user sees it."""
    cell = k.run(code, ok=False)
    errors = [message["content"] for message in k.of(cell, "error")]
    # IPython prints a UsageError in one line instead of sending a traceback.
    return "".join(f"{e['ename']}: {e['evalue']}" for e in errors) + k.text(cell, "stderr")


def test_the_prompt_is_free_at_once(k: Kernel) -> None:
    """A job that blocks leaves the kernel idle, and other cells run beside it."""
    k.run("j = %job go.wait() and 42")
    assert k.value("1 + 1") == 2
    assert k.value("(j.state.value, j.is_alive())") == ("running", True)
    k.run("go.set()")
    assert k.value("j.get(30)") == 42


def test_assignment(k: Kernel) -> None:
    """The name is there when the job has succeeded, and not before."""
    k.run("%job answer = go.wait() and 42")
    assert k.value("'answer' in globals()") is False
    k.run("go.set(); jobs.wait(timeout=30)")
    assert k.value("answer") == 42


def test_cell_with_await_magics_and_shell(k: Kernel) -> None:
    """A whole cell runs in a thread as it would in the foreground."""
    k.run(
        "%%job --name mixed\n"
        "import asyncio\n"
        "await asyncio.sleep(0)\n"
        "here = %pwd\n"
        "said = !echo hello\n"
        "[here, said[0], threading.current_thread() is threading.main_thread()]"
    )
    here, said, in_main = k.value("jobs['mixed'].get(30)")
    assert (here, said, in_main) == (k.value("get_ipython().run_line_magic('pwd', '')"), "hello", 0)


def test_main_goes_on_with_its_own_loop(k: Kernel) -> None:
    """Top-level await works in main while an awaiting job runs."""
    k.run("%%job\nawait asyncio.sleep(0)\ngo.wait()\nawait asyncio.sleep(0, 'job')")
    k.run("x = await asyncio.sleep(0, 'main')\ngo.set()")
    assert k.value("(x, list(jobs)[-1].get(30))") == ("main", "job")


def test_status(k: Kernel) -> None:
    """`jobs.status()` shows what runs, what is done and what died."""
    k.run("%job go.wait()\n%job 6 * 7\n%job 1 / 0")
    k.run("jobs.wait(*list(jobs)[1:], timeout=30)")
    text = k.text(k.run("jobs.status()"))
    for part in ("Running jobs:", "Completed jobs:", "Dead jobs:", "ZeroDivisionError", ": 42)"):
        assert part in text


def test_kill(k: Kernel) -> None:
    """`kill_thread` ends a job that sleeps, and one that waits."""
    k.run("slow = %job time.sleep(600)\nwaits = %job go.wait()")
    assert k.value("kill_thread(slow).value, kill_thread(waits).value") == ("killed", "killed")
    assert k.value("slow.state.value") == "killed"
    assert "JobKilled" in failure(k, "slow.result")


def test_dead_job(k: Kernel) -> None:
    """Its own error, with the cell's own lines, by `result` and by `%jobs traceback`."""
    k.run("%%job --name dies\ndef f():\n    return {}['nope']\nf()")
    k.run("jobs['dies'].wait(30)")
    assert failure(k, "jobs['dies'].result") == "KeyError: 'nope'"
    text = k.text(k.run("%jobs traceback dies"))
    assert "return" in text
    assert "KeyError" in text
    assert "nbjobs/" not in text


def test_reports_at_the_next_cell(k: Kernel) -> None:
    """One line in the output of the next cell, once."""
    k.run("j = %job -n quick 6 * 7")
    k.run("j.future.exception(30)")
    said = "".join(k.text(cell) for cell in (k.run("pass"), k.run("pass")))
    everything = k.everything()
    assert said.count("succeeded") <= 1
    assert "6 * 7" in everything or "quick" in everything


def test_errors_are_usage_errors(k: Kernel) -> None:
    """A wrong line says what to do, and no job is made."""
    before = k.value("len(jobs)")
    for line, says in [
        ("%job 1 +", "syntax error"),
        ("%job", "nothing to run"),
        ("%job --nope 1", "unknown option --nope"),
        ("%jobs kill 99", "there is no job 99"),
    ]:
        assert says in failure(k, line)
    assert k.value("len(jobs)") == before


def test_silent_requests_report_nothing(k: Kernel) -> None:
    """What a front end asks behind the user's back neither shows nor uses up a report."""
    k.run("j = %job -n unseen 1 / 0")
    k.run("j.future.exception(30)", silent=True)
    cell = k.run("pass", silent=True)
    assert k.text(cell) == ""


def test_history_holds_what_was_typed(k: Kernel) -> None:
    """The input history has the line as typed, whatever the job does meanwhile."""
    k.run("%job go.wait() or {'a': '$b'}")
    typed = k.value("list(get_ipython().history_manager.input_hist_raw)")
    assert "%job go.wait() or {'a': '$b'}" in typed


def test_pool_from_chunks(k: Kernel) -> None:
    """Eight chunks, eight jobs, and the results in input order."""
    k.run("from nbjobs import join_chunks\nchunks = get_chunks(range(100), 8)")
    k.run("pool = [jobs.submit(lambda c=c: [x * x for x in c]) for c in chunks]")
    squares = k.value("join_chunks(job.get(30) for job in pool)")
    assert squares == [x * x for x in range(100)]


def test_shutdown_runs_finally(tmp_path) -> None:
    """A kernel that is shut down in the usual way kills its jobs, and their `finally` runs."""
    marker = tmp_path / "cleaned"
    with kernel() as k:
        k.run("%load_ext nbjobs\nimport threading, pathlib\nready = threading.Event()")
        k.run(
            "%%job\ntry:\n    ready.set()\n    threading.Event().wait()\n"
            f"finally:\n    pathlib.Path({str(marker)!r}).write_text('yes')"
        )
        k.run("ready.wait(30)")
        k.manager.shutdown_kernel()
        assert marker.read_text() == "yes"


def test_results_that_cannot_be_shown(k: Kernel) -> None:
    """A repr that raises harms nothing; one that blocks keeps only its job, which can be killed."""
    k.run(
        "class Mute:\n    def __repr__(self): raise RuntimeError('no')\n"
        "class Stuck:\n    def __repr__(self): go.wait(); return 'stuck'"
    )
    k.run("mute = %job Mute()\nstuck = %job Stuck()")
    assert k.value("type(mute.get(30)).__name__") == "Mute"
    k.run("%jobs list")
    assert k.value("1 + 1") == 2
    assert k.value("stuck.kill(30).value in ('killed', 'too late')")
