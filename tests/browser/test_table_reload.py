"""The table after a reload, in a new tab, after a restart of the kernel, and after a flood."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .apps import App
from .notebook import GATE, LOAD, Notebook

Open = Callable[..., Notebook]

JOB = "\nquiet.submit(never.wait); quiet.submit(never.wait)"


def test_it_is_live_again_after_a_reload(notebook: Open, app: App) -> None:
    """A saved notebook's table is live again when the page was reloaded or opened anew."""
    book = notebook(app, LOAD + JOB, "%jobs")
    book.run(0, 1)
    book.state(0, "running")
    book.save()
    book.reload()
    book.state(0, "running")
    book.kill(0)
    book.state(0, "killed")
    book.reopen()
    book.state(0, "killed")
    book.kill(1)
    book.state(1, "killed")


def test_it_is_live_again_when_a_cell_ran_during_the_reload(notebook: Open, app: App) -> None:
    """Loaded again while a cell runs, it is live at the latest when that cell has ended."""
    book = notebook(app, LOAD + JOB, "%jobs", f"while not {GATE}: time.sleep(0.1)")
    book.run(0, 1)
    book.state(0, "running")
    book.save()
    book.start(2)
    book.reload()
    book.let_go()
    book.state(0, "running")
    book.kill(0)
    book.state(0, "killed")
    book.state(1, "running")


def test_unsaved_it_is_there_again_when_it_is_shown_again(notebook: Open, lab: App) -> None:
    """A reload takes what was not saved; `%jobs` brings the table, with the jobs as they are."""
    book = notebook(lab, LOAD + JOB, "%jobs")
    book.page.on("dialog", lambda dialog: dialog.accept())
    book.run(0, 1)
    book.kill(0)
    book.state(0, "killed")
    book.open()
    expect(book.page.locator(".nbj-table")).to_have_count(0)
    book.run(1)
    book.state(0, "killed")
    book.kill(1)
    book.state(1, "killed")


def test_a_restart_makes_it_stale(notebook: Open, app: App) -> None:
    """When the kernel was restarted a banner says so, time stands still, and Kill is disabled."""
    book = notebook(app, LOAD + JOB, "%jobs")
    book.run(0, 1)
    book.state(0, "running")
    book.restart()
    expect(book.table.locator(".nbj-banner")).to_contain_text("restarted", timeout=30_000)
    expect(book.row(0).get_by_role("button", name="Kill")).to_be_disabled()
    expect(book.table.get_by_role("button", name="Flush finished")).to_be_disabled()


def test_a_kernel_that_falls_silent_makes_it_stale(notebook: Open, lab: App) -> None:
    """Without a sign of life the banner says since when; when signs come again it goes."""
    freeze = """import signal, subprocess, sys
code = "os.kill(p, signal.SIGSTOP); time.sleep(12.5); os.kill(p, signal.SIGCONT)"
code = f"import os, signal, time; p = {os.getpid()}; {code}"
thaw = subprocess.Popen([sys.executable, "-c", code])"""
    book = notebook(lab, LOAD + JOB, "%jobs", freeze)
    book.run(0, 1)
    book.state(0, "running")
    book.start(2)
    banner = book.table.locator(".nbj-banner")
    expect(banner).to_contain_text("No word from the kernel", timeout=30_000)
    expect(book.row(0).get_by_role("button", name="Kill")).to_be_disabled()
    expect(banner).to_be_hidden(timeout=30_000)
    book.kill(0)
    book.state(0, "killed")


def test_it_finds_back_after_lost_messages(notebook: Open, lab: App) -> None:
    """In a flood the server drops the table's messages: it notices, and asks for the whole."""
    flood = """
def flood():
    for n in range(4000):
        k = get_ipython().kernel
        k.session.send(k.iopub_socket, "display_data",
            {"data": {"text/plain": str(n)}, "metadata": {}, "transient": {}}, parent={})
def burst(n):
    flood(); [quiet.submit(int) for _ in range(50)]; flood()
"""
    book = notebook(lab, LOAD + JOB + flood, "%jobs", "burst(0); jobs.wait(*jobs.select('2-51'))")
    book.run(0, 1, 2)
    expect(book.table.locator(".nbj-chip.nbj-succeeded")).to_have_text("50 succeeded")
    expect(book.table.locator(".nbj-chip.nbj-running")).to_have_text("2 running")
    assert "message rate exceeded" in lab.log()
    book.table.get_by_role("searchbox").fill("#0 ")
    book.kill(0)
    book.state(0, "killed")
