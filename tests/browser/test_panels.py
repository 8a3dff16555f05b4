"""Panels as people see them, in JupyterLab and Notebook 7."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .apps import App
from .notebook import Notebook

Open = Callable[..., Notebook]

CELLS = (
    "%load_ext nbjobs\nimport threading, time; stop = threading.Event()",
    "%%job --name crawl\nfrom nbjobs import current_job\nfor page in range(4000):\n"
    "    print(f'fetched https://example.org/page/{page:04}')\n"
    "    current_job().progress(page + 1, 4000)\n"
    "    if stop.wait(0.05): break\nprint('crawl has ended')",
    "%%job --name fit\nimport matplotlib.pyplot as plt\nprint('\\x1b[32mepoch 1\\x1b[0m')\n"
    "plt.figure(figsize=(4, 1.6)); plt.plot([3, 1, 2]); plt.show()\n"
    "stop.wait()\nprint('fit has ended')",
    "for step in range(140):\n    print('main', step)\n    time.sleep(0.05)",
    "stop.set(); jobs.wait(); print('all ended')",
)

NUMBER = "document.querySelectorAll('.nbjobs-head')[0].innerText.match(/(\\d+)\\/4000/)[1]"
AT_END = """() => {
    const panel = document.querySelector('.nbjobs-live-panel')
    const lines = [...panel.querySelectorAll('pre')]
    const last = lines[lines.length - 1].getBoundingClientRect()
    const seen = panel.getBoundingClientRect()
    const head = panel.querySelector('.nbjobs-head').getBoundingClientRect()
    return [
        panel.scrollHeight > panel.clientHeight + 50,
        Math.abs(last.bottom - seen.bottom) < 40,
        Math.abs(head.top - seen.top) < 40,
    ]
}"""


def progress(book: Notebook) -> int:
    """How far the first panel says its job is."""
    return int(book.page.evaluate(f"() => Number({NUMBER})"))


def moves(book: Notebook) -> None:
    """The first panel goes on."""
    before = progress(book)
    book.page.wait_for_function(f"() => Number({NUMBER}) > {before + 5}")


def test_panels_are_live_and_come_back(notebook: Open, app: App) -> None:
    """Two panels live while a third cell runs; again after a reload; their ends after another."""
    book = notebook(app, *CELLS)
    book.run(0, 1, 2)
    book.start(3)
    book.until(3, "main 20")
    book.until(2, "epoch 1")
    expect(book.page.locator(".nbjobs-live-panel img")).to_have_count(1)
    moves(book)
    assert "fetched" not in book.text(3)
    assert "main" not in book.text(1) + book.text(2)
    book.page.wait_for_function(f"() => Number({NUMBER}) > 60")
    assert book.page.evaluate(AT_END) == [True, True, True]
    book.save()
    book.reload()
    # The page may have come back to the last cell, and dropped the others.
    book.look(1)
    book.page.locator(".nbjobs-head").first.wait_for()
    moves(book)
    assert book.page.evaluate(AT_END) == [True, True, True]
    assert "epoch 1" in book.until(2, "running")
    book.run(4)
    for cell, last in ((1, "crawl has ended"), (2, "fit has ended")):
        assert "succeeded" in book.until(cell, last)
    book.save()
    book.open()
    assert "succeeded" in book.until(1, "crawl has ended")
    assert "epoch 1" in book.until(2, "fit has ended")


def test_a_panel_can_be_opened_wide(notebook: Open, lab: App) -> None:
    """The button in the header shows all of a long output, and a part of it again."""
    book = notebook(lab, "%load_ext nbjobs", "%job [print('line', n) for n in range(300)] and None")
    height = "() => document.querySelector('.nbjobs-body').clientHeight"
    book.run(0, 1)
    book.until(1, "line 299")
    book.page.locator(".nbjobs-body").wait_for()
    narrow = book.page.evaluate(height)
    book.page.locator(".nbjobs-more").click()
    assert book.page.evaluate(height) > 3 * narrow
    book.page.locator(".nbjobs-more").click()
    assert book.page.evaluate(height) == narrow


def test_a_panel_comes_back_in_another_tab(notebook: Open, lab: App) -> None:
    """The tab is closed while the job runs; a new one shows the panel, live, and then its end."""
    book = notebook(lab, *CELLS)
    book.run(0, 1)
    book.page.wait_for_function(f"() => Number({NUMBER}) > 10")
    book.save()
    book.reopen()
    book.look(1)
    book.page.locator(".nbjobs-head").first.wait_for()
    moves(book)
    assert "fetched" in book.until(1, "running")
    book.run(4)
    assert "succeeded" in book.until(1, "crawl has ended")


def test_a_flood_costs_main_no_line(notebook: Open, lab: App) -> None:
    """The server limits what a kernel may send; a job that floods leaves the limit to main."""
    before = len(lab.log())
    book = notebook(
        lab,
        "%load_ext nbjobs\nimport threading; go = threading.Event()",
        "%%job --name flood\nfor n in range(300_000):\n    print('line', n, 'x' * 100)\n"
        "    if n == 1000: go.set()",
        "import sys\nassert go.wait(30)\nfor n in range(300):\n"
        "    print(f'main {n:03}'); sys.stdout.flush()",
        "jobs.wait()",
    )
    book.run(0, 1, 2, 3)
    lines = book.until(2, "main 299").split()
    assert lines[1::2] == [f"{n:03}" for n in range(300)]
    book.look(1)
    assert "line 299999" in book.until(1, "succeeded")
    assert "rate exceeded" not in lab.log()[before:]
