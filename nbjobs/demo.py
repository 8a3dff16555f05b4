"""`nbjobs demo`: the main job in a real IPython shell, against a real web server."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

SETUP = '''\
import re, time
from urllib.request import urlopen

def fetch_titles(urls):
    """The titles of web pages, one after the other."""
    titles = []
    for url in urls:
        with urlopen(url) as page:
            titles.append(re.search("<title>(.*?)</title>", page.read().decode())[1])
    return titles
'''

STEPS = (
    ("Load nbjobs.", "%load_ext nbjobs"),
    ("Fetch titles in the background; the prompt is free at once.", "%job fetch_titles(urls[:8])"),
    ("This page would take an hour.", "slow = %job --name slow fetch_titles([never])"),
    ("", "jobs.wait(0)"),
    ("What runs, what is done, what died:", "jobs.status()"),
    ("Abort the slow one. It is blocked in a socket, and ends all the same.", "kill_thread(slow)"),
    ("", "slow.state"),
    ("The titles:", "titles = jobs[0].result\nprint(*titles, sep=', ')"),
    (
        "All pages one after the other, in the foreground:",
        "start = time.perf_counter()\n"
        "expected = fetch_titles(urls)\n"
        "sequential = time.perf_counter() - start",
    ),
    (
        "And by a pseudo thread pool: a job for each of eight chunks.",
        "from nbjobs import join_chunks\n"
        "start = time.perf_counter()\n"
        "pool = [jobs.submit(fetch_titles, chunk) for chunk in get_chunks(urls, 8)]\n"
        "titles = join_chunks(job.get() for job in pool)\n"
        "pooled = time.perf_counter() - start",
    ),
    ("", "%jobs list"),
    (
        "",
        'print(f"{len(titles)} titles, {titles[0]!r} to {titles[-1]!r}")\n'
        'print(f"one after the other {sequential:.2f} s, in eight jobs {pooled:.2f} s: "\n'
        '      f"{sequential / pooled:.1f} times as fast")',
    ),
)


def run(pages: int, latency: float) -> int:
    """Run the demonstration.

    Args:
        pages: How many pages the server has.
        latency: How long it takes for each, in seconds.

    Returns:
        0 if everything was as it should be, else 1.
    """
    with _served(latency) as address, tempfile.TemporaryDirectory() as folder:
        # A profile of its own: the demonstration leaves nothing in the user's history.
        os.environ["IPYTHONDIR"] = folder
        shell = _make_shell()
        shell.user_ns["urls"] = [f"{address}/{number}" for number in range(1, pages + 1)]
        shell.user_ns["never"] = f"{address}/never"
        try:
            ok = all(_cell(shell, *step) for step in (("", SETUP), *STEPS))
            return 0 if ok and _as_expected(shell) else 1
        finally:
            shell.run_line_magic("unload_ext", "nbjobs")


def _cell(shell: InteractiveShell, remark: str, code: str) -> bool:
    if remark:
        print(f"\n# {remark}")
    indent = " " * len(f"In [{shell.execution_count}]: ")
    prompt = f"In [{shell.execution_count}]: "
    print(prompt + code.rstrip().replace("\n", "\n" + indent[:-5] + "...: "))
    return bool(shell.run_cell(code, store_history=True).success)


def _as_expected(shell: InteractiveShell) -> bool:
    names = shell.user_ns
    killed = bool(names["slow"].state == "killed")
    complete = bool(names["titles"] == names["expected"])
    if not killed:
        print("The slow job was not killed.")
    if not complete:
        print("The pool's titles are not those of the sequential run.")
    return killed and complete


def _make_shell() -> InteractiveShell:
    from IPython.terminal.interactiveshell import TerminalInteractiveShell
    from traitlets.config import Config

    config = Config()
    config.TerminalInteractiveShell.simple_prompt = True
    config.TerminalInteractiveShell.term_title = False
    config.HistoryManager.enabled = False
    return TerminalInteractiveShell.instance(config=config)


@contextmanager
def _served(latency: float) -> Iterator[str]:
    """A web server on loopback; yields its address."""
    stop = threading.Event()

    class Page(BaseHTTPRequestHandler):
        """A page with a title, after a while; the page `/never` after an hour."""

        def do_GET(self) -> None:
            never = self.path == "/never"
            if stop.wait(3600.0 if never else latency):
                return
            body = f"<html><title>Page {self.path[1:]}</title></html>".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            stop.set()
            server.shutdown()
            thread.join()
