"""What a position in a code object says: which call is in progress there, which handlers cover it.

Everything is worked out once for each code object. Where an exception lands is exact: a thread
gives up the interpreter lock, and takes an asynchronous exception, at the same places, which are
the ends of calls, backward jumps and the starts of functions.
"""

from __future__ import annotations

import dis
import sys
from dataclasses import dataclass
from functools import cached_property
from types import CodeType

_CACHE_LIMIT = 4096
#: An exception raised at one of these is not handled as it should be.
_NOTHING = frozenset({"NOP", "RESUME", "EXTENDED_ARG", "CACHE"})
_MATCHES = frozenset({"CHECK_EXC_MATCH", "CHECK_EG_MATCH"})
#: From here on, a jump back takes the exception before it jumps, not after.
_JUMPS_LAST = sys.version_info >= (3, 13)


@dataclass(frozen=True)
class CodeMap:
    """One code object, read."""

    code: CodeType

    @cached_property
    def calls(self) -> dict[int, str]:
        """The name of what is called, by the offset of each call instruction."""
        named: dict[int, str] = {}
        loads: list[tuple[tuple[int, int], tuple[int, int], str]] = []
        previous = ""
        for step in dis.get_instructions(self.code):
            place = step.positions
            known = place is not None and place.col_offset is not None
            if step.opname.startswith("LOAD_") and isinstance(step.argval, str) and known:
                loads.append((*_span(place), step.argval))
            elif step.opname == "LOAD_SPECIAL" or step.opname == "BEFORE_WITH":
                named[step.offset] = "__enter__"
            elif step.opname.startswith("CALL") or step.opname == "PRECALL":
                if previous == "LOAD_SPECIAL":
                    named[step.offset] = "__enter__"
                elif known:
                    named[step.offset] = _callee(*_span(place), loads)
                else:
                    named[step.offset] = loads[-1][2] if loads else ""
            if step.opname != "CACHE":
                previous = step.opname
        return named

    def calls_at(self, offset: int) -> bool:
        """Whether something is being called at `offset`, a context manager's entry included."""
        return offset in self.calls

    def takes_exceptions(self, offset: int) -> bool:
        """Whether a thread that stands at `offset`, and runs, takes what is injected right there.

        At anything else, as the step of a loop over a file, it is taken somewhere further on.
        """
        return offset in self.calls or offset in self.loops or self._names.get(offset) == "RESUME"

    @cached_property
    def loop_heads(self) -> frozenset[int]:
        """The offset of the first true instruction of each loop."""
        steps = list(dis.get_instructions(self.code))
        index = {step.offset: at for at, step in enumerate(steps)}
        heads = set()
        for target in self.loops.values():
            at = index[target]
            while at < len(steps) - 1 and steps[at].opname in _NOTHING:
                at += 1
            heads.add(steps[at].offset)
        return frozenset(heads)

    @cached_property
    def handlers(self) -> list[tuple[int, int, int]]:
        """(start, end, target) of each region that a try, with or finally covers, by offset."""
        # Not public, but there from 3.11 on, and the only reader of the table there is.
        parse = dis._parse_exception_table  # type: ignore[attr-defined]
        return [(entry.start, entry.end, entry.target) for entry in parse(self.code)]

    @cached_property
    def loops(self) -> dict[int, int]:
        """The offset of each loop's head, by the offset of the jump back to it."""
        return {
            step.offset: step.argval
            for step in dis.get_instructions(self.code)
            if "JUMP_BACKWARD" in step.opname and "NO_INTERRUPT" not in step.opname
        }

    def handler(self, offset: int) -> int | None:
        """Where control goes when `offset` raises; None: it leaves the function."""
        for start, end, target in self.handlers:
            if start <= offset < end:
                return target
        return None

    def in_handler(self, offset: int) -> bool:
        """Whether `offset` is in the body of an `except` or a `finally` that handles an error.

        While a handler runs, errors in it go to a clean-up of the compiler's own, which begins by
        copying the exception state.
        """
        target = self.handler(offset)
        # An `await` has a clean-up of its own within that.
        while target is not None and self._names.get(target) == "CLEANUP_THROW":
            target = self.handler(target)
        return target is not None and self._names.get(target) == "COPY"

    def cleans_up(self, offset: int) -> bool:
        """Whether `offset` is in a `finally` or the exit of a `with`, because of an error.

        An `except` clause is not meant: that has caught the error and goes on with something else.
        """
        inside = [span for span in self._handler_bodies if span[0] <= offset < span[1]]
        if not inside:
            return False
        start, _, first_match = max(inside)
        return not start <= first_match <= offset

    @cached_property
    def _handler_bodies(self) -> list[tuple[int, int, int]]:
        """(start, end, offset that makes it an `except` or -1) of each handler's body."""
        steps = list(dis.get_instructions(self.code))
        bodies = []
        for at, step in enumerate(steps):
            end = self.handler(step.offset) if step.opname == "PUSH_EXC_INFO" else None
            if end is None:
                continue
            bare = steps[at + 1].opname == "POP_TOP"
            matches = [
                each.offset
                for each in steps[at:]
                if each.opname in _MATCHES and self.handler(each.offset) == end
            ]
            bodies.append((step.offset, end, step.offset if bare else min(matches, default=-1)))
        return bodies

    @cached_property
    def _names(self) -> dict[int, str]:
        return {step.offset: step.opname for step in dis.get_instructions(self.code)}

    def skips_handler(self, offset: int) -> bool:
        """Whether an exception arriving at `offset` would bypass the handler around it.

        The jump back to a loop's head takes the exception. Up to 3.12 it has jumped already, and
        charges it to the instruction before the head (cpython#108214); from 3.13 on to itself, but
        as a jump is thought to raise nothing, the end of a `try` block may not include it.
        """
        head = self.loops.get(offset)
        if head is None:
            return False
        landing = offset if _JUMPS_LAST else head - 2
        return self.handler(landing) != self.handler(head)


def _span(place: dis.Positions | None) -> tuple[tuple[int, int], tuple[int, int]]:
    assert place is not None
    return (
        (place.lineno or 0, place.col_offset or 0),
        (place.end_lineno or 0, place.end_col_offset or 0),
    )


def _callee(
    start: tuple[int, int],
    end: tuple[int, int],
    loads: list[tuple[tuple[int, int], tuple[int, int], str]],
) -> str:
    """The name whose source begins where the call begins, and ends last before the call does."""
    best, name = start, ""
    for load_start, load_end, load_name in loads:
        if load_start == start and best < load_end < end:
            best, name = load_end, load_name
    return name


_maps: dict[int, CodeMap] = {}


def read(code: CodeType) -> CodeMap:
    """The map of `code`."""
    # By identity: code objects that differ in their file only are equal. The map keeps its code
    # alive, so an id in the table is never used again.
    found = _maps.get(id(code))
    if found is None:
        if len(_maps) >= _CACHE_LIMIT:
            _maps.clear()
        found = _maps[id(code)] = CodeMap(code)
    return found


def call_at(code: CodeType, offset: int) -> str:
    """The name of what is being called at `offset`; empty when that is no call."""
    return read(code).calls.get(offset, "")
