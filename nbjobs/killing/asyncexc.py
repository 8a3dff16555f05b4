"""CPython's one way to raise an exception in another thread.

Before 3.13 one flag of the whole interpreter says that some thread has an exception pending. It is
set with every call of the function below, also when that clears what was pending, and goes out only
when an exception is raised. While it is on, all threads run slower, and on 3.11 a thread that is
traced or profiled stands still in its next call of a function: the debugger and `%prun` of the user
would hang until the killed thread wakes up, or for ever.

So here the flag is put out in the very moment in which it was set, by a second exception that the
calling thread raises in itself, and catches. The other thread does not miss its own: it cannot run
before it has the interpreter lock, and when it takes that it sets the flag again.
"""

from __future__ import annotations

import ctypes
import sys
from threading import get_ident

_set = ctypes.pythonapi.PyThreadState_SetAsyncExc
_set.argtypes = (ctypes.c_ulong, ctypes.py_object)
_set.restype = ctypes.c_int

# A NULL pointer clears what is pending. Passing None would make None the exception, and the
# thread would die of a SystemError.
_NULL = ctypes.py_object()

_SHARED_FLAG = sys.version_info < (3, 13)


class _Caught(BaseException):
    """Raised to put the flag out."""


def inject(ident: int, exception: type[BaseException]) -> bool:
    """Have the thread raise `exception` at its next bytecode; False if there is no such thread.

    Must be a class: the interpreter instantiates it. Idents are used again soon after a thread
    has ended, so only a caller that keeps the thread from ending may call this. The thread is
    another one, and the calling one must have nothing pending itself.
    """
    return _change(ident, exception)


def withdraw(ident: int) -> None:
    """Clear what `inject` left pending in the thread, if anything."""
    _change(ident, _NULL)


def _change(ident: int, exception: object) -> bool:
    if not _SHARED_FLAG:
        return bool(_set(ident, exception))
    here = get_ident()
    found = 0
    try:
        found = _set(ident, exception)
        # No function of Python's may be called in between: if this thread is traced, that hangs.
        # The exception is raised at the end of this call; if the thread is the same, instead of
        # what was pending.
        _set(here, _Caught)
        _nothing()
    except _Caught:
        pass
    return bool(found)


def _nothing() -> None:
    """A call, where a pending exception is raised at the latest."""
