"""Panels beside a cell that certainly runs, and the page loaded again while it does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from .apps import App
from .notebook import GATE, LOAD, Notebook

JOB = f"""%%job --name {{name}}
{{name}}_n = 0
while not {GATE}:
    {{name}}_n += 1
    print('{{name}}', {{name}}_n)
    time.sleep(0.05)
print('{{name}} has ended')"""
MAIN = """print('main runs', flush=True)
while not os.path.exists('enough'): time.sleep(0.05)
open('main-has-ended', 'w').close()"""
NEWEST = """(name) => {
  const found = document.body.innerText.matchAll(new RegExp(`^${name} (\\\\d+)$`, "gm"));
  return Math.max(0, ...[...found].map((match) => Number(match[1])));
}"""
FURTHER = f"([name, than]) => ({NEWEST})(name) > than"
LIVE = ".nbjobs-live-panel"

Open = Callable[..., Notebook]


def picture(book: Notebook, file: Path) -> None:
    """Save what is seen."""
    # Given the path, Playwright writes it in a thread that it keeps.
    file.write_bytes(book.page.screenshot())


def move(book: Notebook) -> None:
    """Both panels go on."""
    for name in ("one", "two"):
        newest = book.page.evaluate(NEWEST, name)
        book.page.wait_for_function(FURTHER, arg=[name, newest + 5])


def test_two_panels_beside_a_third_cell(notebook: Open, app: App, tmp_path: Path) -> None:
    """Both are live while a cell runs; loaded again meanwhile, they are back when it has ended."""
    enough, ended = (app.folder / name for name in ("enough", "main-has-ended"))
    book = notebook(app, LOAD, JOB.format(name="one"), JOB.format(name="two"), MAIN)
    book.page.set_viewport_size({"width": 1100, "height": 1600})
    book.run(0, 1, 2)
    book.start(3)
    book.until(3, "main runs")
    move(book)
    expect(book.page.locator(LIVE)).to_have_count(2)
    picture(book, tmp_path / f"{app.kind}-before.png")
    book.save()
    book.reload()
    # The kernel tells a new page of its widgets when the cell has ended, and not before.
    expect(book.page.get_by_text("Loading widget")).to_have_count(2)
    expect(book.page.locator(LIVE)).to_have_count(0)
    picture(book, tmp_path / f"{app.kind}-meanwhile.png")
    assert not ended.exists()
    enough.touch()
    expect(book.page.locator(LIVE)).to_have_count(2)
    assert ended.exists()
    for name in ("one", "two"):
        # Where the job is now, which is far from where the page was saved.
        book.page.wait_for_function(FURTHER, arg=[name, int(book.ask(f"{name}_n"))])
    move(book)
    picture(book, tmp_path / f"{app.kind}-after.png")
    book.let_go()
    for place, name in ((1, "one"), (2, "two")):
        assert "succeeded" in book.until(place, f"{name} has ended")
