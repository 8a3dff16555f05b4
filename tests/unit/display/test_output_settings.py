"""How much output is kept, as `%config` sets it."""

from __future__ import annotations

import pytest

LIMIT = 10.0

FLOOD = "%job -s for n in range(20_000): print(f'{n:05}')"
SHOWS = "%job -s for n in range(9): display(n)"


def test_the_bounds_of_the_text_can_be_set(shell, run) -> None:
    """They hold for the jobs that are started afterwards, and no longer after an unload."""
    # Again, because pytest gives every phase of a test its own sys.stdout.
    run("%reload_ext nbjobs")
    before = run(FLOOD)
    run("%config NbJobs.output_head = 600\n%config NbJobs.output_tail = 20000")
    after = run(FLOOD)
    assert before.wait(LIMIT)
    assert after.wait(LIMIT)
    assert "dropped" not in before.stdout
    text = after.stdout
    assert text.startswith("00000\n00001\n")
    assert "00098\n00099\n" in text
    assert "00100\n" not in text
    assert text.endswith("19999\n")
    assert 15_000 < len(text) < 21_000
    jobs = shell.user_ns["jobs"]
    shell.extension_manager.unload_extension("nbjobs")
    assert jobs.limits == type(jobs.limits)()


def test_the_number_of_displays_can_be_set(run) -> None:
    """The newest are kept, and the number of the others is told."""
    run("%config NbJobs.output_rich = 4")
    job = run(SHOWS)
    assert job.wait(LIMIT)
    shown = [output["data"]["text/plain"] for output in job.outputs if "data" in output]
    assert shown == ["5", "6", "7", "8"]
    assert job.recorder.dropped.displays == 5


@pytest.mark.parametrize("name", ["output_head", "output_tail", "output_rich"])
def test_bounds_that_make_no_sense_are_refused(shell, name: str, caplog) -> None:
    """A negative number changes nothing, and the error names the setting."""
    limits = shell.user_ns["jobs"].limits
    shell.run_cell(f"%config NbJobs.{name} = -1")
    assert f"'{name}'" in caplog.text
    assert shell.user_ns["jobs"].limits == limits
