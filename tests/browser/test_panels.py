"""Panels as people see them, in JupyterLab and Notebook 7."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import Notebook, notebook

CELLS = (
    "%load_ext nbjobs\nimport threading, time; stop = threading.Event()",
    "%%job --name crawl\nfrom nbjobs import current_job\nfor page in range(4000):\n"
    "    print(f'fetched https://example.org/page/{page:04}')\n"
    "    current_job().progress(page + 1, 4000)\n"
    "    if stop.wait(0.05): break\nprint('crawl has ended')",
    "%%job --name fit\nimport matplotlib.pyplot as plt\nprint('\\x1b[32mepoch 1\\x1b[0m')\n"
    "plt.figure(figsize=(4, 1.6)); plt.plot([3, 1, 2]); plt.show()\n"
    "stop.wait()\nprint('fit has ended')",
    "for step in range(200):\n    print('main', step)\n    time.sleep(0.05)",
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
    book.page.wait_for_function(f"() => Number({NUMBER}) > {before + 5}", timeout=30_000)


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_panels_are_live_and_come_back(app: str, tmp_path: Path) -> None:
    """Two panels live while a third cell runs; again after a reload; their ends after another."""
    with notebook(app, tmp_path, *CELLS, dark=app == "notebook") as book:
        for cell in (0, 1, 2):
            book.run(cell)
        book.start(3)
        book.until(3, "main 20")
        book.until(2, "epoch 1")
        book.page.wait_for_selector(".nbjobs-live-panel img", timeout=30_000)
        assert book.page.locator(".nbjobs-live-panel img").count() == 1
        moves(book)
        assert "fetched" not in book.text(3)
        assert "main" not in book.text(1) + book.text(2)
        book.page.wait_for_function(f"() => Number({NUMBER}) > 60", timeout=30_000)
        assert book.page.evaluate(AT_END) == [True, True, True]
        book.page.screenshot(path=tmp_path / f"{app}-before.png")
        book.save()
        # The third cell still runs.
        book.open()
        book.page.wait_for_selector(".nbjobs-head", timeout=60_000)
        moves(book)
        assert book.page.evaluate(AT_END) == [True, True, True]
        assert "epoch 1" in book.until(2, "running")
        book.page.screenshot(path=tmp_path / f"{app}-after.png")
        book.run(4)
        for cell, last in ((1, "crawl has ended"), (2, "fit has ended")):
            text = book.until(cell, last)
            assert "succeeded" in text
        book.save()
        book.open()
        assert "succeeded" in book.until(1, "crawl has ended")
        assert "epoch 1" in book.until(2, "fit has ended")


def test_a_panel_can_be_opened_wide(tmp_path: Path) -> None:
    """The button in the header shows all of a long output, and a part of it again."""
    cells = ("%load_ext nbjobs", "%job [print('line', n) for n in range(300)] and None")
    height = "() => document.querySelector('.nbjobs-body').clientHeight"
    with notebook("lab", tmp_path, *cells) as book:
        book.run(0)
        book.run(1)
        book.until(1, "line 299")
        book.page.wait_for_selector(".nbjobs-body")
        narrow = book.page.evaluate(height)
        book.page.click(".nbjobs-more")
        assert book.page.evaluate(height) > 3 * narrow
        book.page.click(".nbjobs-more")
        assert book.page.evaluate(height) == narrow


def test_a_panel_comes_back_in_another_tab(tmp_path: Path) -> None:
    """The tab is closed while the job runs; a new one shows the panel, live, and then its end."""
    with notebook("lab", tmp_path, *CELLS) as book:
        book.run(0)
        book.run(1)
        book.page.wait_for_function(f"() => Number({NUMBER}) > 10", timeout=30_000)
        book.save()
        book.reopen()
        book.page.wait_for_selector(".nbjobs-head", timeout=60_000)
        moves(book)
        assert "fetched" in book.until(1, "running")
        book.run(4)
        assert "succeeded" in book.until(1, "crawl has ended")


def test_a_flood_costs_main_no_line(tmp_path: Path) -> None:
    """The server limits what a kernel may send; a job that floods leaves the limit to main."""
    cells = (
        "%load_ext nbjobs\nimport threading; go = threading.Event()",
        "%%job --name flood\nfor n in range(300_000):\n    print('line', n, 'x' * 100)\n"
        "    if n == 1000: go.set()",
        "import sys\nassert go.wait(30)\nfor n in range(300):\n"
        "    print(f'main {n:03}'); sys.stdout.flush()",
        "jobs.wait()",
    )
    with notebook("lab", tmp_path, *cells) as book:
        for cell in range(4):
            book.run(cell)
        lines = book.until(2, "main 299").split()
        assert lines[1::2] == [f"{n:03}" for n in range(300)]
        book.look(1)
        assert "line 299999" in book.until(1, "succeeded")
    assert "rate exceeded" not in (tmp_path / "server.log").read_text()
