"""One browser for all tests, one server for each application, one notebook for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import ipykernel
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    WebError,
    expect,
    sync_playwright,
)

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

# What a running cell keeps waiting differs: see there.
collect_ignore = ["test_table_waits.py" if ipykernel.version_info[0] > 6 else "test_table_busy.py"]
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


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all pages, so that they share what it has loaded of JupyterLab."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A new page. No request may leave this machine, and no script of ours may fail."""
    requests: list[str] = []
    errors: list[str] = []

    def on_request(request: Request) -> None:
        requests.append(request.url)

    def on_error(error: WebError) -> None:
        errors.append(str(error.error))

    context.on("request", on_request)
    context.on("weberror", on_error)
    yield context.new_page()
    for each in context.pages:
        each.close()
    context.remove_listener("request", on_request)
    context.remove_listener("weberror", on_error)
    context.clear_permissions()
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
