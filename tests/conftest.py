"""What all tests share: real managers, shells and servers, and a check that no thread is left."""

from __future__ import annotations

import atexit
import http.server
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.terminal.interactiveshell import TerminalInteractiveShell
from traitlets.config import Config

import nbjobs
from nbjobs import JobManager

# The browser tests need the extra `browser` and a Chromium; without the one they are not there.
collect_ignore = [] if find_spec("playwright") else ["browser"]

LIMIT = 10.0
"""Seconds after which something that should have happened long ago has not. Never a measure."""


if os.environ.get("NBJOBS_INSTALLED"):
    # Set where a wheel is to be tested: the checkout must not get in between.
    assert "site-packages" in nbjobs.__file__, nbjobs.__file__


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # What a script starts in the background ignores interrupts, and so does all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    """Say what is tested."""
    return f"nbjobs: {nbjobs.__file__}"


@pytest.fixture(autouse=True, scope="session")
def no_profile_of_yours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """All kernels and shells have a profile and a runtime directory of the tests' own."""
    with pytest.MonkeyPatch.context() as patch, _short_folder() as runtime:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("home") / "ipython"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(runtime / "runtime"))
        yield


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder for sockets."""
    with _short_folder() as folder:
        yield folder


@contextmanager
def _short_folder() -> Iterator[Path]:
    # The path of a socket has at most about 100 characters, and pytest's folders may be deep.
    with tempfile.TemporaryDirectory(prefix="nbj", dir="/tmp" if os.name == "posix" else None) as f:
        yield Path(f)


@pytest.fixture(autouse=True)
def no_profile_of_another_test(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each test's kernels have a profile of its own: in another one a line tells of lost jobs."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("profile")))


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Every thread that a test starts has ended soon after it."""
    before = set(threading.enumerate())
    yield
    end = time.monotonic() + LIMIT
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        while thread.ident is None and time.monotonic() < end:
            # Whoever has started it was killed while it begins.
            time.sleep(0.001)
        thread.join(max(0.0, end - time.monotonic()))
    left = [thread for thread in left if thread.is_alive()]
    assert not left, f"threads left behind: {left}"


@pytest.fixture
def jobs() -> Iterator[JobManager]:
    """A manager without a shell, closed at the end."""
    manager = JobManager()
    yield manager
    manager.close(LIMIT)


@pytest.fixture
def shell(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A real terminal shell of this process, with nbjobs loaded; unloaded at the end."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    TerminalInteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    config.TerminalInteractiveShell.simple_prompt = True
    config.TerminalInteractiveShell.term_title = False
    config.InteractiveShell.colors = "NoColor" if _old_colors() else "nocolor"
    made = TerminalInteractiveShell.instance(config=config)
    made.extension_manager.load_extension("nbjobs")
    yield made
    made.extension_manager.unload_extension("nbjobs")
    TerminalInteractiveShell.clear_instance()
    # Else it stays until the process ends, and then collects garbage once for each shell.
    atexit.unregister(made.atexit_operations)


def _old_colors() -> bool:
    import IPython

    return IPython.version_info[0] < 9


@pytest.fixture
def run(shell: InteractiveShell) -> Callable[[str], object]:
    """Runs a cell in the shell, raises its error if it had one, and returns its result."""

    def run_cell(code: str) -> object:
        outcome = shell.run_cell(code, store_history=True)
        outcome.raise_error()
        return outcome.result

    return run_cell


@pytest.fixture
def blocker() -> Iterator[threading.Event]:
    """An event that jobs may wait for; set at the end, whatever happens."""
    event = threading.Event()
    yield event
    event.set()


class _Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = f"<html><title>page {self.path[1:]}</title></html>".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a real HTTP server on loopback, whose page n has the title "page n"."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as serving:
        serving.daemon_threads = False
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{serving.server_address[1]}"
        serving.shutdown()
        thread.join()
