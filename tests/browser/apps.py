"""JupyterLab and Notebook 7 as real servers on loopback, with nothing of the user's own in them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT = 30.0
"""No wait for a server or a page is longer than this many seconds."""

_SERVER = (
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=",
    "--ServerApp.password=",
    "--ServerApp.disable_check_xsrf=True",
)
_APP = {
    "lab": (
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--LabApp.expose_app_in_browser=True",
    ),
    "notebook": ("--JupyterNotebookApp.expose_app_in_browser=True",),
}
_PLACES = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "IPYTHONDIR": "ipython",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
}
_QUIET = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}


@dataclass(frozen=True)
class App:
    """A running server; `kind` is "lab" or "notebook"."""

    kind: str
    url: str
    folder: Path

    def address(self, name: str) -> str:
        """Where the notebook `name` is opened."""
        return f"{self.url}/{'doc/tree' if self.kind == 'lab' else 'notebooks'}/{name}"

    def ask(self, method: str, path: str, content: object = None) -> Any:
        """What the server's own interface answers."""
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"{self.url}/api/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def start_kernel(self, name: str) -> None:
        """Start a kernel for the notebook `name`, which it gets when it is opened."""
        session = {"path": name, "name": name, "type": "notebook", "kernel": {"name": "python3"}}
        self.ask("POST", "sessions", session)

    def end_kernels(self) -> None:
        """End all kernels that were started."""
        for kernel in self.ask("GET", "kernels"):
            self.ask("DELETE", f"kernels/{kernel['id']}")

    def log(self) -> str:
        """What the server has logged."""
        return (self.folder / "server.log").read_text()


@contextmanager
def serve(kind: str, folder: Path, theme: str | None = None) -> Iterator[App]:
    """Start a server whose notebooks are in `folder`; end it and its kernels."""
    folder.mkdir(parents=True, exist_ok=True)
    _configure(folder / "settings", "notification", _QUIET)
    if theme:
        _configure(folder / "settings", "themes", {"theme": theme})
    port = _free_port()
    flags = (*_SERVER, *_APP[kind], f"--ServerApp.port={port}", f"--ServerApp.root_dir={folder}")
    own = {name: str(folder / place) for name, place in _PLACES.items()}
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON"))}
    # So that the kernels are of the environment that the tests run in.
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    environment = {**kept, **own, "PATH": path, "JUPYTER_PREFER_ENV_PATH": "1"}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", kind, *flags],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
        )
        app = App(kind, f"http://127.0.0.1:{port}", folder)
        try:
            _wait_for(app, server)
            yield app
            app.end_kernels()
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def chromium() -> str:
    """The path of a Chromium.

    Raises:
        RuntimeError: There is none.
    """
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = os.environ.get("NBJOBS_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise RuntimeError(
            "the browser tests need a Chromium: install it, or name its path in NBJOBS_CHROMIUM"
        )
    return found


def _configure(settings: Path, plugin: str, values: dict[str, object]) -> None:
    file = settings / "@jupyterlab" / "apputils-extension" / f"{plugin}.jupyterlab-settings"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(values))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(app: App, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + LIMIT
    while True:
        try:
            app.ask("GET", "status")
        except OSError as error:
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server did not start:\n{app.log()[-3000:]}") from error
            time.sleep(0.05)
        else:
            return
