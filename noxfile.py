"""All checks: `nox` runs them on every Python that the classifiers name."""

from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "tests", "lowest"]

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
LOWEST = ("ipython==8.18.*", "ipykernel==6.29.*")


@nox.session(python=PYTHONS[1])
def lint(session: nox.Session) -> None:
    """Style, types, layers."""
    session.install("-e", ".[test]", *nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    session.run("lint-imports", "--no-cache")


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
@nox.parametrize("ipykernel", ["==7.3.*", ">=7.4"])
def browser(session: nox.Session, ipykernel: str) -> None:
    """What people see, in Chromium, before and since ipykernel changed how it answers clicks.

    The Chromium is the one named by NBJOBS_CHROMIUM, or the one on the path.
    """
    session.install(".[test,browser]", f"ipykernel{ipykernel}")
    session.run("pytest", "tests/browser", *session.posargs, env={"NBJOBS_INSTALLED": "1"})
