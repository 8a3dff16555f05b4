"""Run the standard library's tests of its thread pool with our executor in that one's place.

Prints the outcome of each test as JSON.
"""

from __future__ import annotations

import importlib
import io
import json
import unittest
from typing import Any

from test import support
from test.test_concurrent_futures import util

from nbjobs import JobManager

MODULES = ("test_thread_pool", "test_wait", "test_as_completed", "test_shutdown", "test_init")


class Ours:
    """What makes the executors: each test's belong to a manager that is closed after it."""

    manager: JobManager

    @classmethod
    def make(cls, max_workers: int | None = None, **options: Any) -> Any:
        """An executor, as the tests ask for it."""
        return cls.manager.executor(max_workers, **options)


class Mixin(util.ExecutorMixin):
    """In place of the one with a `ThreadPoolExecutor`."""

    executor_type = staticmethod(Ours.make)

    def setUp(self) -> None:
        Ours.manager = JobManager()
        super().setUp()

    def tearDown(self) -> None:
        # Before the base class looks for threads that are left. Tests that ask for private
        # attributes fail half-way, with calls that nobody lets go on.
        Ours.manager.close()
        super().tearDown()


def main() -> None:
    """Run them all."""
    util.ThreadPoolMixin = Mixin
    util.create_executor_tests.__defaults__ = ((util.BaseTestCase,), (Mixin,))
    suite = unittest.TestSuite()
    for name in MODULES:
        module = importlib.import_module(f"test.test_concurrent_futures.{name}")
        for case in list(vars(module).values()):
            if not isinstance(case, type) or not issubclass(case, Mixin):
                continue
            if issubclass(case, unittest.TestCase):
                suite.addTests(unittest.TestLoader().loadTestsFromTestCase(case))
    support.verbose = False
    support.use_resources = []
    names = [test.id().split(".", 3)[3] for test in suite]
    result = unittest.TextTestRunner(io.StringIO(), verbosity=0).run(suite)
    bad = {test.id().split(".", 3)[3]: text for test, text in result.failures + result.errors}
    skipped = {test.id().split(".", 3)[3]: text for test, text in result.skipped}
    print(json.dumps({"run": names, "failed": bad, "skipped": skipped}))


if __name__ == "__main__":
    main()
