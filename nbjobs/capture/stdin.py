"""`input()` and `getpass()` in a job: refused, because nobody could tell who is asking."""

from __future__ import annotations

import builtins
import getpass
from collections.abc import Callable
from functools import wraps
from typing import Any

from ..context import current
from ..exceptions import JobError

_OURS = "nbjobs_refuses_for"


def install(shell: Any) -> Callable[[], None]:
    """Refuse both to jobs.

    While a cell runs, ipykernel puts the kernel's own functions in place of Python's, and keeps
    Python's aside in attributes of its own until the cell has ended. We are installed in a cell
    (by %load_ext) or outside of one (at the start), so what is found in any of these places is
    wrapped where it is.

    Returns:
        The function that undoes it.
    """
    kernel = getattr(shell, "kernel", None)
    places: list[tuple[Any, str, str]] = [
        (builtins, "input", "input()"),
        (getpass, "getpass", "getpass()"),
    ]
    if kernel is not None:
        places += [
            (kernel, "_sys_raw_input", "input()"),
            (kernel, "_save_getpass", "getpass()"),
        ]
    for owner, name, shown in places:
        function = getattr(owner, name, None)
        if callable(function):
            setattr(owner, name, _refusing(function, shown))
    if kernel is not None:
        # What it will put in place for later cells.
        kernel.raw_input = _refusing(kernel.raw_input, "input()")
        kernel.getpass = _refusing(kernel.getpass, "getpass()")

    def undo() -> None:
        for owner, name, _ in places:
            function = getattr(owner, name, None)
            original = getattr(function, _OURS, None)
            if original is not None:
                setattr(owner, name, original)
        if kernel is not None:
            for name in ("raw_input", "getpass"):
                if hasattr(vars(kernel).get(name), _OURS):
                    delattr(kernel, name)

    return undo


def _refusing(function: Callable[..., Any], shown: str) -> Callable[..., Any]:
    @wraps(function)
    def ask(*args: Any, **options: Any) -> Any:
        job = current.get()
        if job is None:
            return function(*args, **options)
        num = getattr(job, "num", None)
        raise JobError(
            f"{shown} was called in job {num}, and a job cannot ask: another cell may be running, "
            "or none. Ask in a cell of your own and pass the answer to the job."
        )

    setattr(ask, _OURS, function)
    return ask
