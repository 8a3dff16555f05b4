"""One browser for all tests, one server for each application, one notebook for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from .apps import LIMIT, App, chromium, serve
from .notebook import Notebook

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_numbers = itertools.count()
expect.set_options(timeout=LIMIT * 1000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A JupyterLab."""
    with serve("lab", tmp_path_factory.mktemp("lab")) as app:
        yield app


@pytest.fixture(scope="session")
def notebook7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A Notebook 7."""
    with serve("notebook", tmp_path_factory.mktemp("notebook")) as app:
        yield app


@pytest.fixture(params=["lab", "notebook7"])
def app(request: pytest.FixtureRequest) -> App:
    """Each of the two in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own context. No request may leave this machine, and no script may fail."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    page = context.new_page()
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    here = ("http://127.0.0.1:", "data:", "blob:")
    assert not [url for url in requests if not url.startswith(here)]
    assert not [error for error in errors if "nbj" in error or "blob:" in error]


@pytest.fixture
def notebook(page: Page) -> Iterator[Callable[..., Notebook]]:
    """Opens a notebook of cells in an application; its kernel is ended with the test."""
    opened: list[Notebook] = []

    def make(app: App, *cells: str) -> Notebook:
        made = Notebook(page, app, f"n{next(_numbers)}.ipynb", list(cells))
        opened.append(made)
        return made

    yield make
    for each in opened:
        each.app.end_kernels()
