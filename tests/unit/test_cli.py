"""The `nbjobs` command, as a process."""

import re
import subprocess
import sys

import pytest


def nbjobs(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    command = [sys.executable, "-c", "import sys; from nbjobs.cli import main; sys.exit(main())"]
    return subprocess.run(
        [*command, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_demo() -> None:
    """The demonstration does what it says, and exits 0."""
    done = nbjobs("demo", "--pages", "16", "--latency", "0.02")
    assert done.returncode == 0, done.stdout + done.stderr
    for part in (
        "%job fetch_titles(urls[:8])",
        "Running jobs:",
        "kill_thread(slow)",
        "Page 1, Page 2, Page 3",
        "16 titles, 'Page 1' to 'Page 16'",
    ):
        assert part in done.stdout
    assert re.search(r"one after the other \d+\.\d\d s, in eight jobs \d+\.\d\d s", done.stdout)
    assert re.search(r"1\s+slow\s+killed", done.stdout)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "required: COMMAND"),
        (("frob",), "invalid choice: 'frob'"),
        (("demo", "--pages", "1"), "must be from 8 to 400, not 1"),
        (("demo", "--latency", "9"), "must be from 0 to 0.2, not 9"),
        (("demo", "--pages", "many"), "invalid pages value: 'many'"),
    ],
)
def test_wrong_use(arguments: tuple[str, ...], says: str) -> None:
    """Says what is wrong, and exits 2."""
    done = nbjobs(*arguments)
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr


def test_version() -> None:
    """The version is that of the package."""
    assert re.fullmatch(r"nbjobs \d+\.\d+\.\d+\n", nbjobs("--version").stdout)
