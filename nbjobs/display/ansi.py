"""Terminal colours as HTML."""

from __future__ import annotations

import html
import re

_ESCAPE = re.compile(
    r"\x1b\[([0-9;:]*)m|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?"
)

_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_FALLBACK = ("#3e424d", "#e75c58", "#00a250", "#ddb62b", "#208ffb", "#d160c4", "#60c6c8", "#c5c1b4")
_INTENSE = ("#282c36", "#b22b31", "#007427", "#b27d12", "#0065ca", "#a03196", "#258f8f", "#a1a6b2")
_STYLES = {
    1: "font-weight:bold",
    2: "opacity:.7",
    3: "font-style:italic",
    4: "text-decoration:underline",
}
_ENDS = {22: (1, 2), 23: (3,), 24: (4,), 39: ("color",), 49: ("background-color",)}


def plain(text: str) -> str:
    """`text` without escape sequences."""
    return _ESCAPE.sub("", text)


def to_html(text: str) -> str:
    """`text` escaped for HTML, its colours as spans with Jupyter's own palette."""
    if "\x1b" not in text:
        return html.escape(text, quote=False)
    parts: list[str] = []
    style: dict[int | str, str] = {}
    at = 0
    for match in _ESCAPE.finditer(text):
        parts.append(_span(text[at : match.start()], style))
        at = match.end()
        if match.group(1) is not None:
            _apply(match.group(1), style)
    parts.append(_span(text[at:], style))
    return "".join(parts)


def _span(text: str, style: dict[int | str, str]) -> str:
    escaped = html.escape(text, quote=False)
    if not style or not text:
        return escaped
    return f'<span style="{";".join(style.values())}">{escaped}</span>'


def _apply(codes: str, style: dict[int | str, str]) -> None:
    numbers = [int(code) if code else 0 for code in codes.replace(":", ";").split(";")]
    while numbers:
        number = numbers.pop(0)
        if number == 0:
            style.clear()
        elif number in _STYLES:
            style[number] = _STYLES[number]
        elif number in _ENDS:
            for key in _ENDS[number]:
                style.pop(key, None)
        elif number in (38, 48):
            color = _extended(numbers)
            if color:
                _paint(style, number == 48, color)
        elif 30 <= number <= 37 or 40 <= number <= 47:
            _paint(style, number >= 40, _named(number % 10))
        elif 90 <= number <= 97 or 100 <= number <= 107:
            _paint(style, number >= 100, _named(number % 10 + 8))


def _paint(style: dict[int | str, str], background: bool, color: str) -> None:
    name = "background-color" if background else "color"
    style[name] = f"{name}:{color}"


def _named(number: int) -> str:
    suffix = "-intense" if number >= 8 else ""
    return f"var(--jp-ansi-{_NAMES[number % 8]}{suffix},{(_FALLBACK + _INTENSE)[number]})"


def _extended(numbers: list[int]) -> str:
    """The colour after 38 or 48: an index, or red, green and blue; its numbers are used up."""
    kind = numbers.pop(0) if numbers else 0
    if kind == 5 and numbers:
        index = min(numbers.pop(0), 255)
        if index < 16:
            return _named(index)
        if index >= 232:
            return "rgb({0},{0},{0})".format(8 + 10 * (index - 232))
        index -= 16
        levels = (index // 36, index // 6 % 6, index % 6)
        return "rgb({},{},{})".format(*(55 + 40 * level if level else 0 for level in levels))
    if kind == 2 and len(numbers) >= 3:
        red, green, blue = (min(numbers.pop(0), 255) for _ in range(3))
        return f"rgb({red},{green},{blue})"
    return ""
