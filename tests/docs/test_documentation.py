"""The documentation is true: its examples run, and it leaves nothing public out."""

import doctest
import importlib
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest

import nbjobs
from nbjobs.magicline import OPTIONS
from nbjobs.magics import VERBS
from nbjobs.settings import NbJobs

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
MODULES = [m.name for m in pkgutil.walk_packages(nbjobs.__path__, "nbjobs.")]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name: str) -> None:
    """Every example in a docstring gives what it says."""
    assert doctest.testmod(importlib.import_module(name), optionflags=FLAGS).failed == 0


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_page_examples(page: Path) -> None:
    """Every `>>>` example of a page gives what it says."""
    outcome = doctest.testfile(str(page), module_relative=False, optionflags=FLAGS)
    assert outcome.failed == 0


CELL = re.compile(r"```ipython\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_page_cells(page: Path, shell) -> None:
    """Every `ipython` block of a page runs, in the order of the page, in one real shell."""
    for cell in CELL.findall(page.read_text()):
        outcome = shell.run_cell(cell)
        assert outcome.success, f"{cell}\n{outcome.error_in_exec or outcome.error_before_exec}"
    jobs = shell.user_ns.get("jobs")
    if jobs is not None:
        jobs.kill()


def test_enough_is_run() -> None:
    """There are pages, and examples on them."""
    texts = [page.read_text() for page in PAGES]
    assert len(PAGES) >= 6
    assert sum(len(CELL.findall(text)) + text.count(">>> ") for text in texts) > 10


def everything() -> str:
    """The text of all pages and the README."""
    return "\n".join(page.read_text() for page in [ROOT / "README.md", *PAGES])


@pytest.mark.parametrize("name", nbjobs.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    """It has a docstring and stands on a page."""
    assert getattr(nbjobs, name).__doc__
    assert re.search(rf"\b{name}\b", everything())


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.long)
def test_every_option_is_documented(option) -> None:
    """All its forms stand on the page about the magics."""
    page = (ROOT / "docs" / "magics.md").read_text()
    assert option.short is None or f"`{option.short}`" in page
    assert f"`{option.long}" in page


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "list"])
def test_every_verb_is_documented(verb: str) -> None:
    """It stands on the page about the magics."""
    assert f"`%jobs {verb}" in (ROOT / "docs" / "magics.md").read_text()


@pytest.mark.parametrize("name", sorted(NbJobs.class_own_traits(config=True)))
def test_every_setting_is_documented(name: str) -> None:
    """It stands on the page about the magics, and has a help text."""
    assert f"`NbJobs.{name}`" in (ROOT / "docs" / "magics.md").read_text()
    assert NbJobs.class_own_traits()[name].help


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file of this repository has that file at its end."""
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_changelog_has_this_version() -> None:
    """What is released is described."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text()
