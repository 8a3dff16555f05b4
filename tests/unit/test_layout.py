"""The shape of the repository: layers, sizes, and settings in their one place."""

import configparser
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nbjobs

ROOT = Path(nbjobs.__file__).parent
CHECKOUT = Path(__file__).parents[2]
MODULES = [m.name for m in pkgutil.walk_packages(nbjobs.__path__, "nbjobs.")]


def test_imports_point_down() -> None:
    """import-linter finds every contract of setup.cfg kept."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    run = subprocess.run(
        [*command, "--config", str(CHECKOUT / "setup.cfg"), "--no-cache"],
        capture_output=True, text=True, cwd=CHECKOUT, timeout=100, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", run.stdout)


def test_setup_cfg_holds_the_contracts_only() -> None:
    """Everything else is set in pyproject.toml."""
    parser = configparser.ConfigParser()
    parser.read(CHECKOUT / "setup.cfg")
    assert {section.split(":")[0] for section in parser.sections()} == {"importlinter"}


@pytest.mark.parametrize("folder", [ROOT, CHECKOUT / "tests", CHECKOUT / "benchmarks"])
def test_no_file_does_too_much(folder: Path) -> None:
    """A file of more than 300 lines holds more than one thing."""
    long = {p.name: n for p in folder.rglob("*.py") if (n := p.read_text().count("\n")) > 300}
    assert not long


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_is(name: str) -> None:
    """Each has a docstring, and can be imported alone."""
    assert (importlib.import_module(name).__doc__ or "").strip()


def test_importing_needs_no_front_end() -> None:
    """`import nbjobs` loads neither widgets, nor kernels, nor any extra."""
    heavy = ["ipywidgets", "anywidget", "ipykernel", "rich", "ipyparallel", "distributed", "tqdm"]
    heavy += ["cloudpickle", "nbjobs.remote", "nbjobs.workerprocess"]
    code = f"import sys, nbjobs; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_public_names() -> None:
    """`__all__` is sorted, complete and real."""
    assert nbjobs.__all__ == sorted(nbjobs.__all__)
    assert all(hasattr(nbjobs, name) for name in nbjobs.__all__)
    assert set(nbjobs._MODULES) == set(nbjobs.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Jobs'"):
        _ = nbjobs.Jobs
