"""Loading, reloading and unloading leave a shell as it was."""

import threading

import pytest
from IPython.core.error import UsageError

import nbjobs
from nbjobs import JobManager, JobState, killing
from waiting import begun

LIMIT = 10.0


def test_names(shell) -> None:
    """The manager and the two functions are in the namespace, but not in %who."""
    assert isinstance(shell.user_ns["jobs"], JobManager)
    assert shell.user_ns["kill_thread"] is nbjobs.kill_thread
    assert shell.user_ns["get_chunks"] is nbjobs.get_chunks
    assert {"jobs", "kill_thread", "get_chunks"} <= set(shell.user_ns_hidden)


def test_unload_restores_everything(shell) -> None:
    """Names, magics, settings, completions, hooks and threading are as before the load."""
    import time

    def snapshot() -> dict[str, object]:
        return {
            "names": {n for n in shell.user_ns if not n.startswith("_")},
            "hidden": set(shell.user_ns_hidden),
            "line": dict(shell.magics_manager.magics["line"]),
            "cell": dict(shell.magics_manager.magics["cell"]),
            "registry": dict(shell.magics_manager.registry),
            "configurables": list(shell.configurables),
            "hooks": dict(shell.strdispatchers["complete_command"].regexs),
            "events": {k: list(v) for k, v in shell.events.callbacks.items()},
            "sleep": time.sleep,
            "start": threading.Thread.start,
        }

    shell.extension_manager.unload_extension("nbjobs")
    before = snapshot()
    shell.extension_manager.load_extension("nbjobs")
    assert snapshot() != before
    shell.extension_manager.unload_extension("nbjobs")
    assert snapshot() == before
    for gone in ("%job 1", "%jobs"):
        with pytest.raises(UsageError, match="not found"):
            shell.run_cell(gone).raise_error()


def test_unload_kills_jobs(shell, run) -> None:
    """Their threads end; the Job objects that somebody kept still answer."""
    shell.user_ns["blocker"] = threading.Event()
    run("j = %job blocker.wait()")
    job = shell.user_ns["j"]
    begun(job)
    shell.extension_manager.unload_extension("nbjobs")
    assert job.state is JobState.KILLED


def test_reload_keeps_running_jobs(shell, run) -> None:
    """The same jobs go on under the same numbers, and new magics find them."""
    blocker = shell.user_ns["blocker"] = threading.Event()
    run("j = %job blocker.wait()")
    before = shell.user_ns["jobs"]
    begun(shell.user_ns["j"])
    run("%reload_ext nbjobs")
    job = shell.user_ns["j"]
    assert shell.user_ns["jobs"] is before
    assert job.state is JobState.RUNNING
    blocker.set()
    run("%jobs wait 0")
    assert job.result is True
    assert run("%job 1").num == 1


def test_the_users_own_names_are_left_alone(shell, capsys) -> None:
    """A name that is taken stays, and one line says so; a reload after freeing it helps."""
    manager = shell.extension_manager
    manager.unload_extension("nbjobs")
    shell.user_ns["jobs"] = mine = ["my", "jobs"]
    manager.load_extension("nbjobs")
    assert shell.user_ns["jobs"] is mine
    assert "left your own jobs alone" in capsys.readouterr().out
    shell.run_cell("%jobs list").raise_error()
    del shell.user_ns["jobs"]
    manager.reload_extension("nbjobs")
    assert isinstance(shell.user_ns["jobs"], JobManager)
    shell.user_ns["jobs"] = mine
    manager.unload_extension("nbjobs")
    assert shell.user_ns["jobs"] is mine


def test_a_magic_of_somebody_else_comes_back(shell, capsys) -> None:
    """Taking over a registered magic is said, and unloading gives it back."""
    shell.extension_manager.unload_extension("nbjobs")
    shell.register_magic_function(lambda line: "theirs", "line", "jobs")
    shell.extension_manager.load_extension("nbjobs")
    assert "takes over %jobs" in capsys.readouterr().out
    shell.extension_manager.unload_extension("nbjobs")
    assert shell.run_line_magic("jobs", "") == "theirs"
    del shell.magics_manager.magics["line"]["jobs"]


def test_config_lists_settings_with_help(shell, run, capsys, caplog) -> None:
    """`%config NbJobs` shows them; a wrong value is refused."""
    run("%config NbJobs")
    text = capsys.readouterr().out
    assert "NbJobs.report=<Enum>" in text
    assert "Which jobs to report in a line at the next prompt" in text
    run("%config NbJobs.report = 'dead'")
    shell.run_cell("%config NbJobs.report = 'sometimes'")
    assert "expected any of ['all', 'dead', 'none']" in caplog.text


@pytest.mark.parametrize(
    ("setting", "line", "reported"),
    [
        ("all", "%job go.wait() and 6 * 7", True),
        ("all", "%job go.wait() and 1 / 0", True),
        ("all", "%job -s go.wait() and 6 * 7", False),
        ("all", "%job -s go.wait() and 1 / 0", True),
        ("dead", "%job go.wait() and 6 * 7", False),
        ("dead", "%job go.wait() and 1 / 0", True),
        ("none", "%job go.wait() and 1 / 0", False),
    ],
)
def test_reports_at_the_next_prompt(shell, run, capsys, setting, line, reported) -> None:
    """In one line, once, and only if nobody has looked."""
    run(f"%config NbJobs.report = {setting!r}")
    go = shell.user_ns["go"] = threading.Event()
    run(f"{line};")
    go.set()
    assert shell.user_ns["jobs"].wait(timeout=LIMIT)
    capsys.readouterr()
    run("pass")
    lines = [text for text in capsys.readouterr().out.splitlines() if text.startswith("job 0 ")]
    assert len(lines) == reported
    run("pass")
    assert "job 0 " not in capsys.readouterr().out


def test_a_result_that_was_asked_for_is_not_reported(shell, run, capsys) -> None:
    """Whoever got the result, or saw the table, knows."""
    go = shell.user_ns["go"] = threading.Event()
    run("j = %job go.wait() and 42")
    go.set()
    assert run("j.get()") == 42
    assert "job 0 " not in capsys.readouterr().out


def test_the_shields_limit_can_be_set(shell, run) -> None:
    """A job whose shield outlasts the limit is killed inside it; unloading restores the limit."""
    before = killing.settings.shield_limit
    run("%config NbJobs.shield_limit = 0.1")
    shell.user_ns["inside"] = inside = threading.Event()
    job = run("%%job -s\nimport nbjobs, threading\nwith nbjobs.shield():\n    inside.set()\n"
              "    threading.Event().wait()")  # fmt: skip
    assert inside.wait(LIMIT)
    assert job.kill(LIMIT) is killing.KillResult.KILLED
    shell.extension_manager.unload_extension("nbjobs")
    assert killing.settings.shield_limit == before
