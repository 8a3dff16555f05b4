"""Loading, reloading and unloading leave a kernel's streams and displays as they should be."""

from __future__ import annotations

import time
from pathlib import Path

from iopub import kernel

SNAPSHOT = """
import sys, builtins, getpass, contextlib, threading
from IPython.utils.capture import capture_output
from IPython.core.displaypub import DisplayPublisher, CapturingDisplayPublisher
def snapshot():
    shell = get_ipython()
    kinds = type(shell.display_pub), DisplayPublisher, CapturingDisplayPublisher
    return (
        [type(s) for s in (sys.stdout, sys.stderr)],
        [vars(kind).get(name) for kind in kinds for name in ('publish', 'clear_output')],
        [contextlib._RedirectStream.__enter__, contextlib._RedirectStream.__exit__],
        [capture_output.__enter__, capture_output.__exit__],
        [vars(shell).get('_showtraceback'), sorted(vars(shell.kernel))],
        [c for c in shell.configurables if type(c).__module__.startswith('nbjobs')],
        [len(v) for v in shell.events.callbacks.values()], builtins.input, getpass.getpass,
        sys.meta_path[:], threading.Thread.start,
    )
"""


def test_unload_undoes_everything() -> None:
    """After %unload_ext, what was replaced is the very object that it was before %load_ext."""
    with kernel() as k:
        k.run(SNAPSHOT)
        k.run("before = snapshot()")
        for _ in range(2):
            k.run("%load_ext nbjobs")
            k.run("%%job\nprint('x')")
            k.run("jobs.wait(timeout=30)")
            assert k.value("snapshot() == before") is False
            k.run("%unload_ext nbjobs")
            k.run("after = snapshot()")
            assert k.value("[a == b for a, b in zip(before, after)]") == [True] * 11
        cell = k.run("print('still here')")
        assert k.text(cell) == "still here\n"


def test_unload_leaves_the_ends_of_jobs_to_be_seen() -> None:
    """The panel of a job that %unload_ext kills shows its last output, and that it was killed."""
    with kernel() as k:
        k.run("%load_ext nbjobs")
        k.run("import threading; ready = threading.Event()")
        launch = k.run(
            "%%job\ntry:\n    ready.set(); threading.Event().wait()\nfinally: print('last words')"
        )
        k.run("assert ready.wait(30)")
        k.run("%unload_ext nbjobs")
        # It is no widget: those are gone.
        update = k.of(launch, "update_display_data")[-1]["content"]
        assert set(update["data"]) == {"text/plain", "text/html"}
        assert "killed" in k.panel(launch)
        assert k.panel(launch).endswith("last words")


def test_reload_keeps_jobs_and_routes_once() -> None:
    """After %reload_ext a job from before goes on recording, and new ones record each line once."""
    with kernel() as k:
        k.run("%load_ext nbjobs")
        k.run("import threading; go = threading.Event()")
        first = k.run("%%job --name old\nprint('one')\ngo.wait()\nprint('two')")
        k.until(lambda: "one" in k.panel(first))
        k.run("%reload_ext nbjobs")
        # Its widget has gone; what it showed has not.
        assert k.panel(first).splitlines()[1:] == ["one"]
        assert "not followed any more" in k.panel(first)
        k.run("%reload_ext nbjobs")
        launch = k.run("%%job --name new\nprint('three')")
        main = k.run("go.set(); jobs.wait(timeout=30)")
        assert k.value("jobs['old'].stdout, jobs['new'].stdout") == ("one\ntwo\n", "three\n")
        assert k.text(main) == ""
        k.until(lambda: "three" in k.panel(launch))
        again = k.run("jobs['old'].show()")
        assert k.text(again) == "one\ntwo\n"


def test_shutdown_is_quick_and_lets_jobs_clean_up(tmp_path: Path) -> None:
    """A kernel with a job that prints ends in good time, after the job's `finally`."""
    with kernel() as k:
        k.run("%load_ext nbjobs")
        k.run("import atexit; atexit.register(lambda: print('bye'))")
        k.run(
            "%%job\nimport time, pathlib\ntry:\n    while True: print('tick'); time.sleep(.01)\n"
            f"finally:\n    pathlib.Path({str(tmp_path)!r}, 'cleaned').write_text('yes')"
        )
        start = time.monotonic()
        k.manager.shutdown_kernel()
        # The client library kills a kernel that has not ended after five seconds.
        assert time.monotonic() - start < 4.5
    assert (tmp_path / "cleaned").read_text() == "yes"


def test_a_restart_is_quick_and_the_job_has_its_last_word(tmp_path: Path) -> None:
    """On a restart a job's `finally` runs and prints, its end is shown, and a new kernel comes."""
    with kernel() as k:
        k.run("%load_ext nbjobs")
        k.run("import threading; ready = threading.Event()")
        launch = k.run(
            "%%job\nimport pathlib\ntry:\n    ready.set(); threading.Event().wait()\n"
            f"finally:\n    print('cleaned up'); pathlib.Path({str(tmp_path)!r}, 'c').touch()"
        )
        k.run("assert ready.wait(30)")
        start = time.monotonic()
        k.manager.restart_kernel()
        assert time.monotonic() - start < 4.5
        assert (tmp_path / "c").exists()
        k.until(lambda: "killed" in k.panel(launch))
        assert "cleaned up" in k.panel(launch)
        k.client.wait_for_ready(timeout=60)
        assert k.value("'jobs' in dir()") is False
