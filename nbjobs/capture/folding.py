"""Carriage returns and backspaces, as a terminal would show them in the end."""

from __future__ import annotations

import re

_BACKSPACE = re.compile(r"[^\n\x08]\x08")


def fold(text: str) -> str:
    """`text` with what was overwritten taken out: of a progress bar its last state is left."""
    if "\b" in text:
        text = _without_backspaces(text)
    if "\r" not in text:
        return text
    return "\n".join(_overwritten(line) for line in text.split("\n"))


def _overwritten(line: str) -> str:
    if "\r" not in line:
        return line
    shown = ""
    for part in line.split("\r"):
        # A part with escape sequences has a width that its length does not tell; those who print
        # such a line rewrite it whole.
        shown = part if "\x1b" in part else part + shown[len(part) :]
    return shown


def _without_backspaces(text: str) -> str:
    while "\b" in text:
        shorter = _BACKSPACE.sub("", text)
        if shorter == text:
            return text.replace("\b", "")
        text = shorter
    return text
