"""Groups and dependencies: who belongs to whom is seen, and can be folded away."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from .apps import App
from .notebook import LOAD, Notebook

Open = Callable[..., Notebook]

FAMILY = """
def named(name, **options): return jobs.options(name=name, silent=True, **options)
group = named("titles").map(lambda n: never.wait(), range(3), workers=2)
first = named("first").submit(never.wait)
second = named("second", after=first).submit(int)
third = named("third", after=second).submit(int)
alone = named("alone").submit(never.wait)
while len(group.parts) < 2: time.sleep(0.01)"""


def indent(row: Locator) -> float:
    """How far from the left a row's name stands."""
    return float(row.locator(".nbj-name").evaluate("(e) => e.getBoundingClientRect().left"))


def test_parts_stand_indented_below_what_they_belong_to(notebook: Open, app: App) -> None:
    """Workers below their group, dependents below what they wait for, each a step further in."""
    book = notebook(app, LOAD + FAMILY, "%jobs")
    book.run(0, 1)
    num = {name: int(book.ask(f"jobs[{name!r}].num")) for name in ("titles", "first", "alone")}
    workers = [int(book.ask(f"group.parts[{n}].num")) for n in (0, 1)]
    second, third = num["first"] + 1, num["first"] + 2
    book.state(third, "waiting")
    order = [num["alone"], num["first"], second, third, num["titles"], *workers]
    tops = {n: book.row(n).evaluate("(e) => e.getBoundingClientRect().top") for n in order}
    assert sorted(tops, key=lambda n: tops[n]) == order
    levels = {num["alone"]: 1, num["first"]: 1, second: 2, third: 3, num["titles"]: 1}
    for n, level in {**levels, workers[0]: 2, workers[1]: 2}.items():
        expect(book.row(n)).to_have_attribute("aria-level", str(level))
    left = indent(book.row(num["alone"]))
    steps = [indent(book.row(n)) - left for n in (second, third, workers[0])]
    assert 0 < steps[0] < steps[1]
    assert steps[2] == steps[0]


def test_a_group_can_be_folded_away(notebook: Open, lab: App) -> None:
    """By a click and by the arrow keys; the screen reader is told, and no hidden job is killed."""
    book = notebook(lab, LOAD + FAMILY, "%jobs")
    book.run(0, 1)
    group = book.row(int(book.ask("group.num")))
    worker = book.row(int(book.ask("group.parts[0].num")))
    expect(group).to_have_attribute("aria-expanded", "true")
    worker.get_by_role("checkbox").click()
    expect(book.table.get_by_role("button", name="Kill 1 selected")).to_be_visible()
    group.locator(".nbj-fold").click()
    expect(group).to_have_attribute("aria-expanded", "false")
    expect(worker).to_have_count(0)
    expect(book.table.get_by_role("button", name="selected")).to_have_count(0)
    group.focus()
    book.page.keyboard.press("ArrowRight")
    expect(worker).to_be_visible()
    expect(book.table.get_by_role("button", name="Kill 1 selected")).to_be_visible()
    group.focus()
    book.page.keyboard.press("ArrowLeft")
    expect(worker).to_have_count(0)


def test_a_long_chain_is_shown(notebook: Open, lab: App) -> None:
    """Thousands of jobs of which each waits for the one before are no more than a long list."""
    chain = """
job = quiet.submit(never.wait)
for _ in range(12_000): job = jobs.options(after=job, silent=True).submit(int)"""
    book = notebook(lab, LOAD + chain, "%jobs")
    book.run(0, 1)
    book.state(0, "running")
    expect(book.row(1)).to_have_attribute("aria-level", "2")
    book.row(0).focus()
    book.page.keyboard.press("End")
    expect(book.row(12_000)).to_be_focused()
    expect(book.row(12_000)).to_have_attribute("aria-level", "12001")
