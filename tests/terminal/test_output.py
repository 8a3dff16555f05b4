"""Jobs' output in a terminal, seen as a person sees it: through a pseudo terminal and a screen."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

LIMIT = 60.0


class Terminal:
    """IPython in a terminal of 100 by 40 characters."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.above_prompt = "--simple-prompt" not in arguments
        environment = {
            **os.environ,
            "TERM": "xterm",
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "IPYTHONDIR": str(folder),
            "COLUMNS": "100",
        }
        command = ["-m", "IPython", "--no-banner", "--colors=NoColor", "--no-confirm-exit"]
        self.child = pexpect.spawn(
            sys.executable,
            [*command, *arguments],
            env=environment,
            dimensions=(40, 100),
            encoding="utf-8",
            timeout=LIMIT,
        )
        self._screen = pyte.Screen(100, 40)
        self._stream = pyte.Stream(self._screen)

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, without empty lines."""
        return [line.rstrip() for line in self._screen.display if line.strip()]

    def until(self, found: Callable[[list[str]], object]) -> list[str]:
        """Wait until the screen is as it should be."""
        end = time.monotonic() + LIMIT
        while not found(self.lines):
            assert time.monotonic() < end, "\n".join(self.lines)
            try:
                self._stream.feed(self.child.read_nonblocking(65536, timeout=0.2))
            except pexpect.TIMEOUT:
                continue
        return self.lines

    def prompt(self, number: int) -> None:
        """Wait for the prompt of this number."""
        self.until(lambda lines: lines and lines[-1].startswith(f"In [{number}]:"))

    def type(self, text: str) -> None:
        """Type without pressing Enter."""
        self.child.send(text)

    def enter(self, text: str = "") -> None:
        """Type and press Enter."""
        self.child.send(text + "\r")


@pytest.fixture(params=[(), ("--simple-prompt",)], ids=["prompt_toolkit", "plain"])
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    """IPython with either kind of prompt, and nbjobs loaded."""
    started = Terminal(tmp_path, *request.param)
    try:
        started.prompt(1)
        started.enter("%load_ext nbjobs")
        started.prompt(2)
        started.enter("import threading; go, done = threading.Event(), threading.Event()")
        started.prompt(3)
        yield started
    finally:
        # By itself `close` waits no longer than a tenth of a second.
        started.child.kill(signal.SIGKILL)
        started.child.wait()
        started.child.close()


def test_output_does_not_break_the_line_being_typed(terminal: Terminal, tmp_path: Path) -> None:
    """Lines of a job come above a half-typed line, or wait for it; the line runs as typed."""
    flag = tmp_path / "flag"
    terminal.enter(
        f"%job [__import__('time').sleep(0.05) for _ in iter(lambda: __import__('os').path"
        f".exists({str(flag)!r}), True)] and print('from the job', 'in two words')"
    )
    terminal.prompt(4)
    terminal.type("print('half' +")
    terminal.until(lambda lines: lines[-1].endswith("print('half' +"))
    flag.touch()
    if terminal.above_prompt:
        terminal.until(
            lambda lines: (
                "[0] from the job in two words" in lines and lines[-1] == "In [4]: print('half' +"
            )
        )
    terminal.enter(" ' done')")
    terminal.prompt(5)
    # A plain prompt shows lines when a cell begins or ends, and the job may not have ended yet.
    terminal.enter("jobs.wait(0)")
    terminal.prompt(6)
    lines = terminal.until(lambda lines: "[0] from the job in two words" in lines)
    assert "half done" in lines
    assert "In [4]: print('half' + ' done')" in lines


def test_lines_come_whole_and_can_be_recalled(terminal: Terminal) -> None:
    """Unfinished lines wait; both streams carry the number; %jobs show has it all."""
    terminal.enter(
        "%job [print('a', end=''), print('b'), print('oops', file=__import__('sys').stderr),"
        " print('rest', end='')] and 42"
    )
    terminal.prompt(4)
    # A plain prompt shows lines when the next cell begins.
    terminal.enter("jobs.wait(0)")
    terminal.prompt(5)
    lines = terminal.until(lambda lines: "[0] rest" in lines)
    assert "[0] ab" in lines, "\n".join(lines)
    assert lines.index("[0] ab") < lines.index("[0] oops") < lines.index("[0] rest")
    terminal.enter("%jobs show 0")
    terminal.prompt(6)
    tail = terminal.lines[terminal.lines.index("In [5]: %jobs show 0") :]
    assert "succeeded" in tail[1]
    assert tail[2:5] == ["ab", "oops", "rest42"]
