"""What loops and jobs say of their progress is seen in the table."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from .apps import App
from .notebook import LOAD, Notebook

LOOPS = """
import tqdm, tqdm.auto
from nbjobs import track
half = threading.Event()
def work(loop):
    for n in loop:
        if n == 20: half.wait()
def by_hand():
    current_job().progress(7, 28)
    half.wait()
    current_job().progress(28)
for name, loop in {
    "track": lambda: track(range(40)),
    "generator": lambda: track(iter(range(40)), total=40),
    "std": lambda: tqdm.tqdm(range(40), mininterval=0),
    "auto": lambda: tqdm.auto.tqdm(range(40), mininterval=0),
}.items():
    jobs.options(name=name, silent=True).submit(lambda loop=loop: work(loop()))
jobs.options(name="hand", silent=True).submit(by_hand)
jobs.options(name="none", silent=True).submit(half.wait)"""


def bar(row: Locator) -> Locator:
    """A row's bar, as a screen reader finds it."""
    return row.get_by_role("progressbar")


def test_progress_of_loops_is_shown(notebook: Callable[..., Notebook], lab: App) -> None:
    """`progress`, `track` and tqdm drive a bar and a count; a job that says nothing has none."""
    book = notebook(lab, LOAD + LOOPS, "%jobs", "half.set(); jobs.wait()")
    book.run(0, 1)
    for num in range(5):
        expect(bar(book.row(num))).to_be_visible()
    expect(book.row(4).locator(".nbj-units")).to_have_text("7/28")
    expect(bar(book.row(4))).to_have_attribute("aria-valuenow", "25")
    expect(bar(book.row(5))).to_have_count(0)
    book.run(2)
    for num in range(5):
        expect(bar(book.row(num))).to_have_attribute("aria-valuenow", "100")
        expect(book.row(num).locator(".nbj-units")).to_have_text("28/28" if num == 4 else "40/40")
