"""The standard library's own tests of executors pass with ours, where they are installed."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

NOT_OURS = {
    # They read private attributes of the standard library's class: _max_workers, _threads, _broken.
    "FailingInitializerTest.test_initializer",
    "ThreadPoolExecutorTest.test_default_workers",
    "ThreadPoolExecutorTest.test_idle_thread_reuse",
    "ThreadPoolExecutorTest.test_saturation",
    "ThreadPoolShutdownTest.test_threads_terminate",
    # They start an interpreter that imports an executor from concurrent.futures by its name.
    "ThreadPoolShutdownTest.test_hang_gh83386",
    "ThreadPoolShutdownTest.test_interpreter_shutdown",
    "ThreadPoolShutdownTest.test_submit_after_interpreter_shutdown",
}

if importlib.util.find_spec("test.test_concurrent_futures") is not None:

    def test_the_standard_librarys_tests_pass() -> None:
        """All of them, but for those that are about something else than an executor."""
        root = Path(__file__).parents[3]
        script = root / "tests" / "support" / "stdlib_executor.py"
        run = subprocess.run(
            [sys.executable, str(script)],
            capture_output=True,
            text=True,
            timeout=110,
            check=True,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        report = json.loads(run.stdout)
        assert len(report["run"]) >= 40, report["run"]
        assert set(report["failed"]) == NOT_OURS & set(report["run"]), report["failed"]
