"""Whatever a job is called, prints or raises is text: nothing of it is run by the page."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .apps import App
from .notebook import LOAD, Notebook

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"

JOBS = f"""
from IPython.display import HTML
evil = {EVIL!r}
def work():
    print(evil)
    display(HTML(evil), metadata=dict())
    raise ValueError(evil)
jobs.options(name=evil, silent=True).submit(work).wait()
jobs.options(silent=True).submit(lambda: evil).wait()"""


def test_hostile_text_stays_text(notebook: Callable[..., Notebook], app: App) -> None:
    """Markup in a name, in output, in a result and in an error is shown and does nothing."""
    book = notebook(app, LOAD + JOBS, "%jobs")
    dialogs: list[str] = []
    book.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    book.run(0, 1)
    expect(book.row(0).locator(".nbj-name")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(book.row(0).locator(".nbj-line")).to_contain_text("ValueError: <img src=x")
    body = book.table.locator(".nbj-drawer-body")
    book.row(0).get_by_role("button", name="Show").click()
    expect(body.locator(".nbj-error")).to_contain_text("alert(2)</script>")
    expect(body.locator(".nbj-stdout")).to_contain_text("<img src=x")
    book.row(1).get_by_role("button", name="Show").click()
    expect(body.locator(".nbj-result")).to_contain_text("<img src=x")
    assert book.table.locator("img, script, iframe").count() == 0
    assert dialogs == []
