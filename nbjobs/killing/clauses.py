"""Where an `except` clause that has caught something begins and ends.

An error that is raised there, before the instruction runs, is handled as if the clause itself had
raised it: the `finally` blocks and `with` exits around it run, and the state of the interpreter is
restored by the compiler's own clean-up. That holds for instructions that this clean-up covers, and
that do something; not for the `POP_EXCEPT` by which a clause is left, nor for a no-op.
"""

from __future__ import annotations

import dis
import itertools
from types import CodeType

from . import codes

_IDLE = frozenset({"NOP", "CACHE", "EXTENDED_ARG", "NOT_TAKEN"})
_MATCHES = frozenset({"CHECK_EXC_MATCH", "CHECK_EG_MATCH"})
_CACHE_LIMIT = 4096
_found: dict[int, tuple[CodeType, frozenset[int], frozenset[int]]] = {}


def ends(code: CodeType) -> frozenset[int]:
    """The offset of the last thing that each clause does, and a `with` that swallows an error."""
    return _read(code)[1]


def starts(code: CodeType) -> frozenset[int]:
    """The offset of the first thing in each clause, once it is known that it applies."""
    return _read(code)[2]


def _read(code: CodeType) -> tuple[CodeType, frozenset[int], frozenset[int]]:
    found = _found.get(id(code))
    if found is None:
        if len(_found) >= _CACHE_LIMIT:
            _found.clear()
        # By identity, and with the code kept alive, as in `codes`.
        found = _found[id(code)] = (code, *_search(code))
    return found


def _search(code: CodeType) -> tuple[frozenset[int], frozenset[int]]:
    steps = [step for step in dis.get_instructions(code) if step.opname not in _IDLE]
    table = codes.read(code)
    last, first = set(), set()
    for before, step in itertools.pairwise(steps):
        if step.opname == "POP_EXCEPT" and before.opname != "COPY":
            last.add(before.offset)
        # Of a bare clause; a `with` and a `finally` begin with something else.
        if before.opname == "PUSH_EXC_INFO" and step.opname == "POP_TOP":
            first.add(step.offset)
    for match, step in zip(steps, steps[2:], strict=False):
        if match.opname in _MATCHES and step.opname.startswith(("POP_TOP", "STORE_")):
            first.add(step.offset)
    covered = table.in_handler
    return frozenset(filter(covered, last)), frozenset(filter(covered, first))
