"""The job table beside the usual ways to show many jobs, and how long a click takes, in one run.

Run `python -m benchmarks.table` from the checkout; with `--browser`, where the extra `browser` and
a Chromium are installed, it also measures in JupyterLab. The first part runs in a real kernel:
twenty of N jobs change, and that is sent to the page, by the table and by its peers, which are one
widget whose state holds all rows, an HTML table shown anew, and one row of ipywidgets per job. Each
line gives CPU time of the kernel and kilobytes for one such change, and ours : theirs; below 1.0
ours is better.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from jupyter_client.manager import start_new_kernel

TICKS = 30

IN_KERNEL = """
import json, logging, statistics, time
import ipywidgets, traitlets
from nbjobs import JobManager, current_job
from nbjobs.tables import live_table
from nbjobs.display.statictable import StaticTable

kernel = get_ipython().kernel
sent = 0
real_send = kernel.session.send
def counting(stream, kind, content=None, *args, **options):
    global sent
    whole = kind["content"] if isinstance(kind, dict) else content
    sent += len(json.dumps(whole, default=str))
    return real_send(stream, kind, content, *args, **options)
kernel.session.send = counting

def measure(change, tick):
    "Median CPU milliseconds, and kilobytes, of one tick."
    global sent
    spent, sizes = [], []
    for number in range(TICKS):
        change(number)
        sent, start = 0, time.thread_time()
        tick()
        spent.append((time.thread_time() - start) * 1e3)
        sizes.append(sent / 1e3)
    return statistics.median(spent), statistics.median(sizes)

def compare(count):
    jobs = JobManager()
    silent = jobs.options(silent=True)
    made = [silent.submit(int) for _ in range(count)]
    jobs.wait()
    table = live_table(jobs)
    feed = table._feed
    feed._unsubscribe()
    chosen = made[:20]
    def change(number):
        for job in chosen:
            job.recorder.write("stdout", f"fetched page {number} of the long list\\n")
            job._progress = type(job._progress)(number, TICKS)
    def ours():
        feed._changed.update((job.num, job) for job in chosen)
        feed._publish()
    start = time.perf_counter()
    feed.snapshot()
    opening = (time.perf_counter() - start) * 1e3

    class Whole(ipywidgets.DOMWidget):
        rows = traitlets.List().tag(sync=True)
    whole = Whole()
    from nbjobs.widgets.tablerows import row
    handle = display(display_id=True)
    def all_rows():
        whole.rows = [row(job) for job in jobs]
    peers = {"one widget, all rows in its state": all_rows}
    full = StaticTable.__new__(StaticTable)
    if count <= 1000:
        import nbjobs.display.statictable as statictable
        def html():
            statictable.MOST = count
            full._jobs = made
            handle.update({"text/html": full._html()}, raw=True)
        peers["an HTML table shown anew"] = html
    if count <= 100:
        kinds = ipywidgets.Label, ipywidgets.Label, ipywidgets.FloatProgress, ipywidgets.Button
        parts = [[kind() for kind in kinds] for _ in made]
        def rows_of_widgets():
            for job, (line, units, bar, _) in zip(chosen, parts):
                line.value = job.recorder.last_line
                units.value = str(job.progress.done)
                bar.value = job.progress.done
        peers["a row of ipywidgets for each job"] = rows_of_widgets
    mine = measure(change, ours)
    found = [(count, opening, mine, name, measure(change, tick)) for name, tick in peers.items()]
    feed.close()
    jobs.close()
    return found

result = [line for count in COUNTS for line in compare(count)]
"""

SETUP = """%load_ext nbjobs
import threading, time
clicked = {}
never = threading.Event()
def note(event):
    if event.state in ("killing", "killed"):
        clicked.setdefault(event.job.num, time.time() * 1000)
jobs.subscribe(note)
for _ in range(60): jobs.options(silent=True).submit(never.wait)"""
LOOP = "end = time.time() + 25\nwhile time.time() < end: "
BUSY = {"sleep": LOOP + "time.sleep(1)", "compute": LOOP + "sum(range(20_000))"}
CLICK = """(num) => new Promise((done) => {
  const button = document.querySelector(`.nbj-row[data-num="${num}"] .nbj-kill`);
  const at = Date.now();
  button.click();
  done(at);
})"""


def traffic(counts: tuple[int, ...]) -> None:
    """Print what a tick costs in the kernel."""
    manager, client = start_new_kernel()
    try:
        code = f"COUNTS = {counts}\nTICKS = {TICKS}\n" + IN_KERNEL
        reply = client.execute_interactive(
            code, user_expressions={"r": "result"}, output_hook=lambda message: None, timeout=600
        )
        assert reply["content"]["status"] == "ok", "\n".join(reply["content"]["traceback"])
        found = eval(reply["content"]["user_expressions"]["r"]["data"]["text/plain"])
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    for count, opening, (cpu, size), peer, (their_cpu, their_size) in found:
        print(
            f"{count:6,} jobs, beside {peer:34} CPU {cpu:6.2f} : {their_cpu:8.2f} ms "
            f"= {cpu / their_cpu:6.3f}   size {size:5.1f} : {their_size:7.1f} kB "
            f"= {size / their_size:6.3f}   (snapshot {opening:.0f} ms)"
        )


def in_browser() -> None:
    """Print how long opening takes with 10,000 jobs, and how long clicks take during cells."""
    from playwright.sync_api import sync_playwright

    from tests.browser.apps import chromium, serve
    from tests.browser.notebook import Notebook

    with (
        tempfile.TemporaryDirectory() as folder,
        serve("lab", Path(folder)) as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        for kind, cell in BUSY.items():
            _clicks(Notebook(page, app, f"{kind}.ipynb", [SETUP, "%jobs", cell]), kind)
            app.end_kernels()
        _many(Notebook(page, app, "many.ipynb", [MANY, "%jobs", TICK]))
        browser.close()


def _clicks(book, kind: str) -> None:
    book.run(0, 1)
    book.state(59, "running")
    book.start(2)
    book.page.wait_for_timeout(500)
    at = {}
    # Newest first, as they are shown.
    for num in range(59, 49, -1):
        at[num] = book.page.evaluate(CLICK, num)
        book.state(num, "killed")
    inside = book.runs(2)
    book.page.evaluate(INTERRUPT)
    book.finish(2)
    clicked = eval(book.ask("clicked"))
    taken = sorted(clicked[num] - at[num] for num in at)
    print(
        f"click on Kill to Python while a cell runs ({kind}): median "
        f"{statistics.median(taken):.0f} ms, longest {taken[-1]:.0f} ms of {len(taken)}"
        f"{'' if inside else '  NOT while it ran'}"
    )


MANY = """%load_ext nbjobs
import threading, time
from nbjobs import current_job
never = threading.Event()
for _ in range(10_000): jobs.options(silent=True).submit(int)
jobs.wait()"""
TICK = """def tick():
    done = 0
    while not never.wait(0.05):
        done += 1
        print("step", done)
        current_job().progress(done)
for _ in range(20): jobs.options(silent=True).submit(tick)"""
INTERRUPT = """() =>
  window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()"""
WATCH = """() => {
  window.tasks = [];
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.tasks.push(task.duration);
  }).observe({ type: "longtask" });
}"""


def _many(book) -> None:
    book.run(0)
    book.page.evaluate(WATCH)
    start = time.perf_counter()
    book.start(1)
    book.row(9999).wait_for()
    first = (time.perf_counter() - start) * 1e3
    book.page.wait_for_timeout(1500)
    opening = max(book.page.evaluate("() => window.tasks.splice(0)"), default=0)
    book.run(2)
    book.state(10_019, "running")
    book.page.evaluate("() => window.tasks.splice(0)")
    book.page.wait_for_timeout(8000)
    following = max(book.page.evaluate("() => window.tasks"), default=0)
    rows = book.table.locator(".nbj-row").count()
    print(
        f"10,000 jobs in JupyterLab: first row after {first:.0f} ms, {rows} row elements; longest "
        f"task {opening:.0f} ms on opening, {following:.0f} ms while 20 jobs change"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browser", action="store_true", help="measure in JupyterLab, too")
    chosen = parser.parse_args()
    traffic((100, 1000, 10_000))
    if chosen.browser:
        in_browser()
