"""The worker's side: run a packed job, or a portion of a map's items, and end it when told to."""

from __future__ import annotations

import platform
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from .. import capture, inheritance, killing
from ..capture import finishing
from ..exceptions import JobError
from ..remote import parcel, runner
from ..remote.relay import Send
from ..tracebacks import error_text
from . import terms

EARLY = 1000
"""How many kills are remembered of jobs that have not come, or have gone already."""

FUNCTIONS = 64
"""How many functions of maps a worker keeps; each serves one worker job, one portion at a time."""

# Guards what follows.
_lock = threading.Lock()
_gates: dict[str, killing.Gate] = {}
_early: OrderedDict[str, bool] = OrderedDict()
_functions: OrderedDict[str, _Function] = OrderedDict()
_prepared = False


class _Function:
    """A map's function; what it puts out goes where the portion came from that it works on."""

    def __init__(self, packed: terms.Packed, send: Send) -> None:
        self.send = send
        # Copied: other threads of this process may unpickle the same.
        buffers = [bytearray(each) for each in packed[1:]]
        self.items = runner.Items(packed[0], buffers, lambda messages: self.send(messages))


def run(
    token: str, data: parcel.Buffer, buffers: Sequence[parcel.Buffer], send: Send, **more: Any
) -> terms.Packed:
    """Run a packed job in this thread.

    Args:
        token: What `end` is to call it.
        data: The parcel's data.
        buffers: Its buffers.
        send: Carries lists of messages to the kernel; see `remote.runner`.
        **more: Further arguments of `runner.run`.
    """
    return _killable(token, partial(runner.run, data, buffers, send, **more), send)


def portion(
    token: str, name: str, function: terms.Packed, items: terms.Packed, send: Send
) -> terms.Packed | None:
    """Call a map's function for a portion of its items.

    Args:
        token: What `end` is to call it.
        name: The function's name here.
        function: The packed function; empty if the worker should know it by its name.
        items: The packed items.
        send: Carries lists of messages to the kernel.

    Returns:
        None if the function is not known here: it is to be sent along.
    """
    with _lock:
        held = _functions.get(name)
    if held is None:
        if not function:
            return None
        try:
            held = _Function(function, send)
        except JobError as error:
            packed = parcel.dump(error)
            return "broken", packed.data, *packed.buffers
        with _lock:
            _functions[name] = held
            while len(_functions) > FUNCTIONS:
                _functions.popitem(last=False)
    held.send = send
    return _killable(token, partial(held.items.run, items[0], items[1:]), send)


def end(token: str, force: bool = False) -> str | None:
    """Kill the job of that token, now or when it begins; returns where it hangs meanwhile."""
    with _lock:
        gate = _gates.get(token)
        if gate is None:
            # On its way into this thread, perhaps: the kernel knows earlier than we where it is.
            _early[token] = force or _early.get(token, False)
            while len(_early) > EARLY:
                _early.popitem(last=False)
            return None
    killing.kill(gate, force=force)
    return killing.blocked_in(gate)


def prepare(told: terms.Setup) -> None:
    """Once in a process: have the output of jobs caught, and jobs killed.

    With a shell in the kernel displays, figures and magics work here, too.

    Raises:
        JobError: The kernel has another Python, so that code cannot travel.
    """
    global _prepared
    _, python = told
    if tuple(python) != sys.version_info[:2]:
        raise JobError(
            f"the worker ({terms.about()['place']}) has Python {platform.python_version()} and the "
            f"kernel has {python[0]}.{python[1]}: compiled code cannot travel between them. Run "
            "the same version on both sides"
        )
    with _lock:
        if _prepared:
            return
        _prepared = True
        killing.install()
        if finishing.presented():
            # The kernel itself, whose cluster has its workers in threads.
            return
        there = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        if there is not None:
            inheritance.install()
            capture.install(there)
        else:
            # Not before it is known to be needed: it may import all of IPython.
            from ..workerprocess import surroundings

            # Always with a shell: the next kernel that sends a job here may have one.
            surroundings.install(shell=True)


def _killable(token: str, work: Callable[[], parcel.Parcel], send: Send) -> terms.Packed:
    gate = killing.Gate()
    with _lock:
        _gates[token] = gate
        force = _early.pop(token, None)
    try:
        if force is not None:
            killing.kill(gate, force=force)
        send([("begun", terms.about())])
        outcome = gate.run(work)
    finally:
        with _lock:
            del _gates[token]
    if gate.was_killed(outcome):
        return True, b""
    if outcome.error is not None:
        raise JobError(f"the worker failed: {error_text(outcome.error)}") from outcome.error
    assert outcome.value is not None
    return False, outcome.value.data, *outcome.value.buffers
