"""All checks: `nox` runs them on every Python that the classifiers name."""

from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "tests", "lowest"]

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
LOWEST = ("ipython==8.18.*", "ipykernel==6.29.*")
BROWSED = {
    # Each changed what becomes of a click while a cell runs; the last one is tested with all else.
    "6.31": ("==6.31.*", ("test_table.py", "test_table_waits.py", "test_table_reload.py")),
    "7.3": ("==7.3.*", ("test_table.py", "test_table_busy.py", "test_table_reload.py")),
    "newest": (">=7.4", ("",)),
}
"""For each ipykernel by its short name: the requirement, and the files in tests/browser."""


@nox.session(python=PYTHONS[1])
def lint(session: nox.Session) -> None:
    """Style, types, layers, and the links of the documentation."""
    session.install("-e", ".[test,docs]", *nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    session.run("lint-imports", "--no-cache")
    session.run("mkdocs", "build", "--quiet", "--strict", "--site-dir", session.create_tmp())


def _test_wheel(session: nox.Session, *requirements: str) -> None:
    """Run the tests on the wheel: the package's own folder is not on the path."""
    session.install("build", "pip")
    folder = Path(session.create_tmp())
    for old in folder.glob("*.whl"):
        old.unlink()
    session.run("python", "-m", "build", "-q", "--wheel", "--outdir", str(folder), ".")
    (wheel,) = folder.glob("*.whl")
    session.install(*requirements, f"nbjobs[test] @ {wheel.resolve().as_uri()}")
    session.run("python", "tests/support/upstream_fetch.py")
    session.run("pytest", *session.posargs, env={"NBJOBS_INSTALLED": "1"})


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The whole suite, on the newest of everything."""
    _test_wheel(session)


@nox.session(python=PYTHONS[0])
def lowest(session: nox.Session) -> None:
    """The whole suite, on the oldest IPython and ipykernel that are supported."""
    _test_wheel(session, *LOWEST)


@nox.session(python=PYTHONS[1])
@nox.parametrize("ipykernel", [nox.param(name, id=name) for name in BROWSED])
def browser(session: nox.Session, ipykernel: str) -> None:
    """What people see, in Chromium.

    The Chromium is the one named by NBJOBS_CHROMIUM, or the one on the path.
    """
    requirement, files = BROWSED[ipykernel]
    session.install(".[test,browser]", f"ipykernel{requirement}")
    chosen = session.posargs or [f"tests/browser/{file}" for file in files]
    # A browser and a server are large programs of others: what fails once is run once more.
    session.run("pytest", "--reruns=1", *chosen, env={"NBJOBS_INSTALLED": "1"})
