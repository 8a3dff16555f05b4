"""Which names of a namespace a piece of code uses."""

from __future__ import annotations

import dis
import io
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from types import CodeType
from typing import Any

_LOADS = frozenset(
    {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS", "DELETE_NAME", "DELETE_GLOBAL"}
)
_STORES = frozenset({"STORE_NAME", "STORE_GLOBAL"})

SHELL = "get_ipython"
"""What magics and shell commands are turned into calls of."""


def used(codes: Iterable[CodeType], namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The names of `namespace` that the code reads, with their values, in order."""
    found: dict[str, Any] = {}
    for code in _nested(codes):
        names = [i.argval for i in dis.get_instructions(code) if i.opname in _LOADS]
        if SHELL in names:
            # A magic's argument is text, and may be code.
            texts = [each for each in code.co_consts if isinstance(each, str)]
            names += [word for text in texts for word in _words(text)]
        for name in names:
            # The worker has a shell of its own.
            if name in namespace and name != SHELL:
                found[name] = namespace[name]
    return found


def assigned(codes: Iterable[CodeType]) -> set[str]:
    """The names that the code itself assigns, and may therefore not need."""
    return {
        instruction.argval
        for code in _nested(codes)
        for instruction in dis.get_instructions(code)
        if instruction.opname in _STORES
    }


def _nested(codes: Iterable[CodeType]) -> Iterator[CodeType]:
    for code in codes:
        yield code
        yield from _nested(each for each in code.co_consts if isinstance(each, CodeType))


def _words(text: str) -> Iterator[str]:
    # A magic's text need not be Python, or not from some point on: then what came before counts.
    with suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME:
                yield token.string
