"""Short, safe texts about anything: none of these functions runs a user's code or raises."""

from __future__ import annotations

import reprlib
from collections.abc import Collection, Iterable
from functools import partial
from itertools import islice

_PLAIN = (int, float, complex, bool, type(None), str, bytes, range)
_CONTAINERS = (list, tuple, dict, set, frozenset)


class _Short(reprlib.Repr):
    """`reprlib`, but an object whose repr would run foreign code is shown by its type alone.

    A repr may raise, block, or take minutes on a large array; a table of jobs must not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxstring = self.maxother = self.maxlong = 60

    def repr1(self, x: object, level: int) -> str:
        if type(x) in _CONTAINERS or type(x) in _PLAIN:
            return super().repr1(x, level)
        return f"<{type_name(type(x))}>"

    def repr_int(self, x: int, level: int) -> str:
        # Turning it into digits takes quadratic time, and is refused beyond a limit.
        return repr(x) if x.bit_length() < 1000 else f"<int of {x.bit_length():,} bits>"

    # Not reprlib's own: those sort, which runs the items' comparisons.

    def repr_set(self, x: set[object], level: int) -> str:
        return self._items(x, level) if x else "set()"

    def repr_frozenset(self, x: frozenset[object], level: int) -> str:
        return f"frozenset({self._items(x, level) if x else ''})"

    def repr_dict(self, x: dict[object, object], level: int) -> str:
        if level <= 0 and x:
            return "{...}"
        pairs = [
            f"{self.repr1(key, level - 1)}: {self.repr1(value, level - 1)}"
            for key, value in islice(x.items(), self.maxdict)
        ]
        return "{" + ", ".join(pairs + ["..."] * (len(x) > self.maxdict)) + "}"

    def _items(self, x: Collection[object], level: int) -> str:
        if level <= 0:
            return "{...}"
        items = [self.repr1(item, level - 1) for item in islice(x, self.maxset)]
        return "{" + ", ".join(items + ["..."] * (len(x) > self.maxset)) + "}"


_short = _Short()


def type_name(cls: type) -> str:
    """The name of a class, with its module unless that is builtins or the user's own."""
    module, name = cls.__module__, cls.__qualname__.split("<locals>.")[-1]
    return name if module in ("builtins", "__main__") else f"{module}.{name}"


def short_repr(value: object, width: int = 60) -> str:
    """A repr of at most `width` characters; only builtin values are spelt out."""
    try:
        text = _short.repr(value)
    except RuntimeError:
        # A dict or set that changed its size meanwhile, in another thread.
        text = f"<{type_name(type(value))}>"
    return one_line(text, width)


def one_line(text: str, width: int = 60) -> str:
    """`text` as one printable line of at most `width` characters."""
    line = " ".join(text.split())
    if not line.isprintable():
        line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
    return line if len(line) <= width else line[: width - 1] + "…"


def label_of(name: str | None, source: str) -> str:
    """What something is called: its name, or the first line of its source."""
    if name:
        return name
    first, *more = source.strip().splitlines() or [""]
    return one_line(f"{first} …" if more else first)


def bytes_text(count: int) -> str:
    """A number of bytes in the largest unit that fits, such as `1.2 GB`."""
    size, units = float(count), ["bytes", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        del units[0]
    return f"{size:.0f} {units[0]}" if units[0] == "bytes" else f"{size:.1f} {units[0]}"


def seconds(value: float | None) -> str:
    """A duration in seconds as people read it: `20 ms`, `0.3 s`, `12 s`, `3:07`, `1:02:03`."""
    if value is None:
        return ""
    if value < 0.0995:
        return f"{value * 1000:.0f} ms" if value >= 0.0005 else "0 ms"
    if value < 9.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}" if minutes else f"{rest} s"


def call_name(function: object) -> str:
    """What to call a function in a list, as `module.name` would read in code.

    Never `str(function)`: of a callable object that runs the user's code.
    """
    inner = function.func if isinstance(function, partial) else function
    name = getattr(inner, "__qualname__", None)
    if not isinstance(name, str):
        name = type_name(type(inner))
    return name.split("<locals>.")[-1]


def listed(words: Iterable[str]) -> str:
    """`a, b and c`."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def plural(count: int, noun: str) -> str:
    """`1 job`, `2 jobs`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
