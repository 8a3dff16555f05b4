"""JupyterLab and Notebook 7 on this machine, with a browser to look at them.

Needs jupyterlab, notebook and playwright, and a Chromium: the one that the environment variable
NBJOBS_CHROMIUM names, or the first on the path.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, sync_playwright

LIMIT = 60.0

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

READY = """() => {
    const shown = window.jupyterapp && window.jupyterapp.shell.currentWidget
    const kernel = shown && shown.sessionContext && shown.sessionContext.session?.kernel
    return kernel && kernel.connectionStatus === 'connected'
}"""
IDLE = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
RUN = """index => {
    window.jupyterapp.shell.currentWidget.content.activeCellIndex = index
    window.jupyterapp.commands.execute('notebook:run-cell')
}"""
LOOK = """index => {
    const notebook = window.jupyterapp.shell.currentWidget.content
    notebook.activeCellIndex = index
    notebook.scrollToItem(index)
}"""
CELL_OUTPUT = """index => {
    const cell = window.jupyterapp.shell.currentWidget.content.widgets[index]
    return cell.outputArea.node.innerText
}"""


class Notebook:
    """A notebook open in the browser."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url
        self.open()

    def open(self) -> None:
        """Open it, or load it again."""
        self.page.goto(self._url)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=LIMIT * 1000)
        self.page.wait_for_function(READY, timeout=LIMIT * 1000)

    def reopen(self) -> None:
        """Close its tab, and open it in another."""
        context = self.page.context
        # Opened first: with its last page the browser's window would go.
        page = context.new_page()
        self.page.close()
        self.page = page
        self.open()

    def save(self) -> None:
        """Save it."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def start(self, cell: int) -> None:
        """Begin to run a cell."""
        self.page.evaluate(RUN, cell)

    def run(self, cell: int) -> None:
        """Run a cell to its end."""
        self.start(cell)
        prompt = f".jp-Notebook .jp-Cell:nth-of-type({cell + 1}) .jp-InputPrompt"
        self.page.wait_for_function(
            "selector => /\\d/.test(document.querySelector(selector)?.textContent)",
            arg=prompt,
            timeout=LIMIT * 1000,
        )
        self.page.wait_for_function(IDLE, timeout=LIMIT * 1000)

    def look(self, cell: int) -> None:
        """Scroll to a cell: the page drops what is far from what is seen."""
        self.page.evaluate(LOOK, cell)

    def text(self, cell: int) -> str:
        """What stands below a cell."""
        return str(self.page.evaluate(CELL_OUTPUT, cell))

    def until(self, cell: int, part: str) -> str:
        """Wait until something stands below a cell."""
        end = time.monotonic() + LIMIT
        while part not in (text := self.text(cell)):
            assert time.monotonic() < end, text
            self.page.wait_for_timeout(50)
        return text


@contextmanager
def notebook(app: str, folder: Path, *cells: str, dark: bool = False) -> Iterator[Notebook]:
    """A notebook of these cells, open in `app`: "lab" or "notebook"."""
    book = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(book, folder / "x.ipynb")
    path = "doc/tree/x.ipynb" if app == "lab" else "notebooks/x.ipynb"
    with _server(app, folder, dark) as url, sync_playwright() as playwright:
        chromium = os.environ.get("NBJOBS_CHROMIUM") or shutil.which("chromium")
        assert chromium, "no Chromium: install one, or name it in NBJOBS_CHROMIUM"
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            context = browser.new_context(viewport={"width": 1100, "height": 1150})
            page = context.new_page()
            yield Notebook(page, f"{url}/{path}")
        finally:
            browser.close()


@contextmanager
def _server(app: str, folder: Path, dark: bool) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    state = folder / ".state"
    _settings(state, dark)
    places = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")}
    environment |= {f"JUPYTER_{place}": str(state / place) for place in places}
    environment |= {
        "IPYTHONDIR": str(state / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
    }
    expose = "LabApp" if app == "lab" else "JupyterNotebookApp"
    command = [
        *(sys.executable, "-m", "jupyter", app, "--no-browser", "--allow-root"),
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        *("--IdentityProvider.token=", "--ServerApp.password="),
        *(f"--ServerApp.root_dir={folder}", "--ServerApp.disable_check_xsrf=True"),
        f"--{expose}.expose_app_in_browser=True",
    ]
    url = f"http://127.0.0.1:{port}"
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder)
        try:
            _wait_for(url, process)
            yield url
            for kernel in json.loads(_request(f"{url}/api/kernels")):
                _request(f"{url}/api/kernels/{kernel['id']}", "DELETE")
        finally:
            process.terminate()
            process.wait(20)


def _settings(state: Path, dark: bool) -> None:
    """No news, no updates, and the theme."""
    quiet: dict[str, Any] = {"fetchNews": "false", "checkForUpdates": False}
    theme = {"theme": "JupyterLab Dark" if dark else "JupyterLab Light"}
    folder = state / "settings" / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True)
    (folder / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    (folder / "themes.jupyterlab-settings").write_text(json.dumps(theme))


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + LIMIT
    while True:
        try:
            _request(f"{url}/api/status")
        except (urllib.error.URLError, ConnectionError):
            assert process.poll() is None, "the server has ended: see server.log"
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.1)
        else:
            return


def _request(url: str, method: str = "GET") -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as reply:
        return bytes(reply.read())
