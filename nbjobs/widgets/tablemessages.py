"""What the job table in a page and the kernel say to each other; all of it, in one place.

Every message is a dict with a `kind`. Those of the kernel:

- `Snapshot`: the whole table, sent when a page opens or has missed something.
- `Delta`: what has changed since the message before. Snapshots and deltas carry a number, `seq`,
  that grows by one with each delta; a page that sees a gap asks for a snapshot.
- `Beat`: nothing has changed, but the kernel lives.
- `Output`: what a job has put out, for the drawer.
- `Say`: a line for the table's status, in answer to a click.
- `Notice`: a job has ended of which the user wants to be told.

Those of the page: `Hello` (it is ready, or has missed something), `Kill`, `Rerun`, `Flush`, `Show`.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, NotRequired, TypedDict


class Row(NamedTuple):
    """A job as the page needs it. Sent as a list, its fields' names once with each snapshot.

    Attributes:
        num: Its number.
        label: Its name, or the first line of its source.
        state: A word of `JobState`.
        start: When it started, by the kernel's own clock, as in `now`; None unless it runs. The
            page counts the elapsed time from it.
        took: How long it ran, in seconds; None while it runs, and when it never started.
        done: Units of work done; None if not known.
        total: Units of work in all; None if not known.
        line: Its last line of output; of a job that has ended, its result or error.
        under: The number of the job below which it is indented; None if it stands by itself.
    """

    num: int
    label: str
    state: str
    start: float | None
    took: float | None
    done: float | None
    total: float | None
    line: str
    under: int | None


class Address(TypedDict):
    """Where a page sends its messages: the comm, and the subshell that serves it, if any.

    It is a part of the model's state, beside the first snapshot, which is there as text.
    """

    comm: str
    subshell: str | None


class Snapshot(TypedDict):
    """The whole table; `clicks_wait` says that a click is served only between cells."""

    kind: Literal["snapshot"]
    seq: int
    now: float
    columns: tuple[str, ...]
    rows: list[Row]
    clicks_wait: bool


class Delta(TypedDict):
    """The rows that are new or have changed, and the numbers of those that are gone."""

    kind: Literal["delta"]
    seq: int
    now: float
    rows: list[Row]
    gone: list[int]


class Beat(TypedDict):
    """A sign of life."""

    kind: Literal["beat"]
    seq: int
    now: float


class Output(TypedDict):
    """A job's source, how it stands, and its newest outputs in nbformat's form."""

    kind: Literal["output"]
    num: int
    summary: str
    source: str
    outputs: list[dict[str, Any]]
    omitted: int


class Say(TypedDict):
    """A line to be shown, and read out."""

    kind: Literal["say"]
    text: str
    error: bool


class Notice(TypedDict):
    """Something for the browser's notifications; those with one `tag` replace each other."""

    kind: Literal["notice"]
    title: str
    body: str
    tag: str


FromKernel = Snapshot | Delta | Beat | Output | Say | Notice


class FromPage(TypedDict):
    """A message of the page: `hello` has `seq`, `kill` and `rerun` have `nums`, `show` has `num`.

    A page may be older than the kernel, so nothing here is taken for granted: see `numbers`.
    """

    kind: str
    seq: NotRequired[int]
    num: NotRequired[int]
    nums: NotRequired[list[int]]


def numbers(message: FromPage) -> list[int]:
    """The numbers of jobs in a message of the page.

    Raises:
        ValueError: It holds something else.
    """
    found = message.get("nums", [message["num"]] if "num" in message else [])
    if not isinstance(found, list) or not all(type(num) is int for num in found):
        raise ValueError(f"the table sent {found!r} where numbers of jobs belong")
    return found
