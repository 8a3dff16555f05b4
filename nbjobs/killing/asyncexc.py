"""CPython's one way to raise an exception in another thread."""

from __future__ import annotations

import ctypes

_set = ctypes.pythonapi.PyThreadState_SetAsyncExc
_set.argtypes = (ctypes.c_ulong, ctypes.py_object)
_set.restype = ctypes.c_int

# A NULL pointer clears what is pending. Passing None would make None the exception, and the
# thread would die of a SystemError.
_NULL = ctypes.py_object()


def inject(ident: int, exception: type[BaseException]) -> bool:
    """Have the thread raise `exception` at its next bytecode; False if there is no such thread.

    Must be a class: the interpreter instantiates it. Idents are used again soon after a thread
    has ended, so only a caller that keeps the thread from ending may call this.
    """
    return bool(_set(ident, exception))


def withdraw(ident: int) -> None:
    """Clear what `inject` left pending in the thread, if anything."""
    _set(ident, _NULL)
