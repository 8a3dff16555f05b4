"""Every engine does what the contract says, checked on the real thing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from contract_checks import CHECKS, Check, Ground
from contract_engines import ROWS, Row
from contract_table import PAGE, table


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.check.__name__)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_contract(
    row: Row,
    check: Check,
    shell,
    run: Callable[[str], object],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """The engine does it; or, where its row says that it does not, what is promised instead."""
    record_property("engine", row.name)
    record_property("check", check.title)
    # pytest has put other streams in place since the shell was made.
    run("%reload_ext nbjobs")
    with row.on() as on:
        jobs = shell.user_ns["jobs"]
        ground = Ground(jobs, on, run, tmp_path, row.separate, row.sleeper, row.long)
        if check.title in row.lacks:
            assert check.instead is not None
            check.instead(ground)
        else:
            check.check(ground)
        ground.jobs.close(10)


def test_the_table_is_that_of_the_contract() -> None:
    """What docs/executors.md says is what these tests check, for every engine and row."""
    everything = {(row.name, check.title) for row in ROWS for check in CHECKS}
    assert table(everything) in PAGE.read_text()


def test_what_is_lacking_is_in_the_contract() -> None:
    """A row lacks only what there is a check for."""
    titles = {check.title for check in CHECKS}
    assert all(set(row.lacks) <= titles for row in ROWS)
