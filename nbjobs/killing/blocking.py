"""Whether a thread is blocked, or only waits for its turn to run Python."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

from . import codes
from .looks import Look
from .systemcalls import call_of

# The interpreter lock is a part of the runtime's state, which is one piece of static memory.
_RUNTIME_SIZE = 4 << 20
try:
    _RUNTIME = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
except ValueError:  # Not exported: then only standing still tells.
    _RUNTIME = 0


@dataclass(slots=True)
class Stillness:
    """Remembers where a thread was, to see whether it has moved."""

    _frame: int = 0
    _offset: int = -1
    moved: bool = True

    def blocked(self, look: Look) -> bool:
        """Whether the thread is inside a call that it has given up the interpreter lock for.

        Only then does an exception land exactly where the stack shows the thread: from 3.13 on
        one that merely waits for its turn takes the exception at the next occasion, not at this.
        """
        frame = look.frames[0]
        self.moved = (id(frame), look.offset) != (self._frame, self._offset)
        self._frame, self._offset = id(frame), look.offset
        call = call_of(look.gate.native_id)
        if not codes.read(frame.f_code).calls_at(look.offset):
            # Something that is no call in Python, as the step of a loop over a pipe's lines.
            return call is not None and call.name not in ("", "futex")
        if call is None or not call.name:
            return not self.moved
        its_turn = call.name == "futex" and 0 <= call.args[0] - _RUNTIME < _RUNTIME_SIZE
        return not its_turn
