"""What a recorder holds: stream text and rich outputs, and their form in a notebook file."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

StreamName = Literal["stdout", "stderr"]
RichKind = Literal["display_data", "execute_result", "error"]
Output = dict[str, Any]


@dataclass(slots=True)
class Text:
    """A run of text on one stream; `start` counts the characters printed before it."""

    name: str
    start: int
    text: str


@dataclass(slots=True, eq=False)
class Rich:
    """A display, a result or an error; `content` is what its nbformat output holds.

    Attributes:
        start: The number of characters printed before it.
        index: The number of rich outputs before it.
        display_id: By which it can be updated; None if it cannot.
    """

    kind: RichKind
    content: dict[str, Any]
    display_id: str | None = None
    start: int = 0
    index: int = 0

    def output(self) -> Output:
        """Its nbformat output."""
        return {"output_type": self.kind, **publishable(self.content)}


@dataclass(slots=True)
class Update:
    """Replace the content of the rich outputs that have this display_id."""

    display_id: str
    content: dict[str, Any]


@dataclass(slots=True)
class Clear:
    """Forget the output so far: now, or when the next one comes."""

    wait: bool


@dataclass(slots=True)
class Gap:
    """What the limits have dropped, at the place where it stood."""

    chars: int
    displays: int

    def __str__(self) -> str:
        parts = []
        if self.chars:
            parts.append(f"{self.chars:,} characters")
        if self.displays:
            parts.append(f"{self.displays:,} rich output{'' if self.displays == 1 else 's'}")
        return f"[nbjobs: {' and '.join(parts)} dropped here]"


Entry = Text | Rich | Gap


def outputs_of(entries: Iterable[Entry]) -> list[Output]:
    """The entries as nbformat outputs, neighbouring text of one stream in one of them."""
    outputs: list[Output] = []
    run: list[str] = []
    run_name = ""

    def end_run() -> None:
        if run:
            text = publishable("".join(run))
            outputs.append({"output_type": "stream", "name": run_name, "text": text})
            run.clear()

    for entry in entries:
        if isinstance(entry, Rich):
            end_run()
            outputs.append(entry.output())
            continue
        name, text = (
            ("stderr", f"\n{entry}\n") if isinstance(entry, Gap) else (entry.name, entry.text)
        )
        if name != run_name:
            end_run()
            run_name = name
        run.append(text)
    end_run()
    return outputs


def bundle(data: Mapping[str, Any], metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """Copy a MIME bundle into what JSON can hold: bytes in base64, unknown objects by their repr.

    A copy, because the caller may go on changing it. The repr of a strange object is foreign code:
    this is called in the job's own thread, where it may fail.
    """
    clean = {
        str(mime): b64encode(value).decode("ascii") if isinstance(value, bytes) else plain(value)
        for mime, value in data.items()
    }
    return {"data": clean, "metadata": plain(dict(metadata)) if metadata else {}}


def plain(value: Any) -> Any:
    """A copy of `value` made of JSON's own types."""
    if isinstance(value, str):
        return str(value)
    return json.loads(json.dumps(value, default=repr, skipkeys=True))


def publishable(value: Any) -> Any:
    """`value` without lone surrogates, which no message and no file can carry."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return value.encode("utf-8", "backslashreplace").decode("utf-8")
        return value
    if isinstance(value, dict):
        return {publishable(k): publishable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [publishable(v) for v in value]
    return value
