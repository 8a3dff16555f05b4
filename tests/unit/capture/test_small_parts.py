"""Folding of overwritten text, patches, and things done at an import."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbjobs.capture.entries import plain, publishable
from nbjobs.capture.folding import fold
from nbjobs.capture.imports import when_imported
from nbjobs.patches import Patches


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("10%\r20%\rdone", "done"),
        ("long\rab", "abng"),
        ("a\r\nb\n", "a\nb\n"),
        ("abc\b\bX", "aX"),
        ("\b\bx", "x"),
        ("\x1b[1mold\rnew\x1b[0m", "new\x1b[0m"),
        ("one\ntwo\r2\n", "one\n2wo\n"),
    ],
)
def test_folding_leaves_what_a_terminal_shows(text: str, shown: str) -> None:
    """Carriage returns overwrite, backspaces take away, lines stay lines."""
    assert fold(text) == shown


@given(st.text())
def test_folding_is_harmless_and_final(text: str) -> None:
    """Any text can be folded; folding twice changes nothing; no overwriting is left."""
    once = fold(text)
    assert fold(once) == once
    assert "\r" not in once
    assert "\b" not in once


@given(st.text(st.characters(codec=None)))
def test_all_text_can_be_published(text: str) -> None:
    """Published text can be encoded, and is the same unless it holds lone surrogates."""
    shown = publishable({"a": [text]})["a"][0]
    assert shown.encode().decode() == shown
    assert shown == text or any("\ud800" <= c <= "\udfff" for c in text)


def test_plain_makes_json_of_anything() -> None:
    """Keys and values that JSON does not know become their repr, or are left out."""
    assert plain({"a": (1, {2: None}), "b": object}) == {
        "a": [1, {"2": None}],
        "b": "<class 'object'>",
    }


def test_patches_are_undone_exactly() -> None:
    """Own, inherited and instance attributes come back; what others replaced since is left."""

    class Base:
        def a(self) -> str:
            return "a"

    class Derived(Base):
        def b(self) -> str:
            return "b"

    thing = Derived()
    before = dict(vars(Derived))
    patches = Patches()
    patches.replace(Derived, "a", lambda self: "A")
    patches.replace(Derived, "b", lambda self: "B")
    patches.replace(thing, "c", 1)
    assert (thing.a(), thing.b()) == ("A", "B")
    patches.undo()
    assert dict(vars(Derived)) == before
    assert vars(thing) == {}
    assert patches.active is False
    again = Patches()
    again.replace(thing, "c", 1)
    thing.c = 2  # type: ignore[attr-defined]
    again.undo()
    assert vars(thing) == {"c": 2}


def test_an_action_at_an_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The action gets the module when it is imported, once, or at once if it is there already."""
    (tmp_path / "nbjobs_example.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    seen: list[object] = []
    before = list(sys.meta_path)
    when_imported("nbjobs_example", lambda module: seen.append(module.value))
    assert seen == []
    nbjobs_example = importlib.import_module("nbjobs_example")

    assert seen == [1]
    assert sys.meta_path == before
    assert nbjobs_example.__spec__.loader is nbjobs_example.__loader__
    assert type(nbjobs_example.__loader__).__name__ == "SourceFileLoader"
    when_imported("nbjobs_example", lambda module: seen.append(module.__name__))
    assert seen == [1, "nbjobs_example"]
    del sys.modules["nbjobs_example"]
    forget = when_imported("nbjobs_example", seen.append)
    forget()
    assert sys.meta_path == before


def test_a_module_that_is_not_there() -> None:
    """Waiting for a module does not change how its absence is told."""
    forget = when_imported("nbjobs_no_such_module", print)
    with pytest.raises(ModuleNotFoundError, match="nbjobs_no_such_module"):
        importlib.import_module("nbjobs_no_such_module")
    forget()
