"""The table as HTML and text, where there are no widgets."""

from __future__ import annotations

import html.parser

from nbjobs import JobManager
from nbjobs.display.statictable import StaticTable

EVIL = "<script>alert(1)</script>"


class _Tags(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


def test_it_has_a_row_for_each_job(jobs: JobManager) -> None:
    """In both forms, with the counts by state."""
    jobs.options(name="crawl").submit(int).wait()
    jobs.submit(divmod, 1, 0).wait()
    table = StaticTable(jobs)
    bundle = table.bundle()
    assert _Tags(bundle["text/html"]).tags.count("tr") == 3
    assert "1 succeeded, 1 failed" in bundle["text/html"]
    for text in (*bundle.values(), *table.fallback().values(), str(table), repr(table)):
        assert "crawl" in text
        assert "ZeroDivisionError" in text


def test_hostile_text_is_escaped(jobs: JobManager) -> None:
    """A name and a result with markup are no markup."""
    jobs.options(name=EVIL).submit(str, EVIL).wait()
    text = StaticTable(jobs).bundle()["text/html"]
    assert "script" not in _Tags(text).tags
    assert "&lt;script&gt;" in text


def test_of_many_jobs_the_newest_are_shown(jobs: JobManager) -> None:
    """The notebook stays small, and says how many are left out."""
    for _ in range(130):
        jobs.submit(int)
    jobs.wait()
    bundle = StaticTable(jobs).bundle()
    assert _Tags(bundle["text/html"]).tags.count("tr") == 101
    assert "and 30 older jobs" in bundle["text/html"]
    assert "and 105 older jobs" in bundle["text/plain"]
    assert "and 105 older jobs" in StaticTable(jobs).fallback()["text/plain"]
    assert "and 30 older jobs" in str(StaticTable(jobs))


def test_without_jobs_it_says_how_to_start_one(jobs: JobManager) -> None:
    """In both forms."""
    table = StaticTable(jobs)
    for text in (*table.bundle().values(), *table.fallback().values()):
        assert "%job fetch(urls)" in text


def test_the_manager_gives_it_outside_a_notebook(jobs: JobManager) -> None:
    """`jobs.table()` can be printed anywhere."""
    jobs.submit(int).wait()
    assert "succeeded" in str(jobs.table())
