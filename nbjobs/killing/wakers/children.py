"""Child processes that the call waits for or reads from, with everything below them."""

from __future__ import annotations

import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from .. import family
from ..looks import Look
from ..processes import Process, holds, tree
from ..systemcalls import call_of, memory
from ..terminator import terminate

_READS = frozenset({"read", "write", "readv", "writev"})
_POLLS = frozenset({"poll", "ppoll"})
_SELECTS = frozenset({"select", "pselect6"})
_MODULES = ("subprocess", "pexpect", "ptyprocess", "multiprocessing")
_TERMINALS = ("pexpect", "ptyprocess")
_TERMINAL_PAUSE = 0.001
_ANY_CHILD = (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
_POPEN_EXIT = subprocess.Popen.__exit__.__code__


class ChildWaker:
    """Ends the processes whose end the call is waiting for."""

    name = "child process"

    def wake(self, look: Look) -> bool:
        """Send TERM, and KILL a moment later, to the trees of the children waited for."""
        mine = family.children(look.gate)
        if not mine:
            return False
        waited = [child for child in mine if child.pid in set(_waited_for(look, mine))]
        if waited:
            terminate(family.trees(waited))
        return bool(waited)


def waits_in_exit(look: Look) -> bool:
    """Whether a `with Popen(...)` block is being left, which waits without having asked to end."""
    return any(frame.f_code is _POPEN_EXIT for frame in look.frames)


def _waited_for(look: Look, mine: list[Process]) -> Iterator[int]:
    for frame in look.frames:
        for value in list(frame.f_locals.values()):
            if type(value).__module__.startswith(_MODULES):
                _hasten(value)
                pid = _pid(value)
                if pid is not None:
                    yield pid
    call = call_of(look.gate.native_id)
    if call is None:
        return
    if call.name == "wait4":
        yield from ([each.pid for each in mine] if call.args[0] in _ANY_CHILD else [call.args[0]])
    elif call.name == "waitid":
        # P_PIDFD and groups are rare; P_ALL is 0 and P_PID is 1.
        yield from ([each.pid for each in mine] if call.args[0] == 0 else [call.args[1]])
    else:
        links = _links(call.name, call.args)
        for each in mine:
            if any(holds(below.pid, link) for below in tree(each.pid) for link in links):
                yield each.pid


def _hasten(value: Any) -> None:
    """Have the terminal of a child that is about to be ended closed without long pauses.

    What a kill interrupts leaves it to the collector to close it, which sleeps a tenth of a second
    for each, in whatever thread it happens to run: the main thread, or the one that kills. Where
    the child has not ended by then, it still takes its time to end and reap it.
    """
    if type(value).__module__.startswith(_TERMINALS):
        for each in filter(None, (value, getattr(value, "ptyproc", None))):
            if hasattr(each, "delayafterclose"):
                each.delayafterclose = _TERMINAL_PAUSE


def _pid(value: Any) -> int | None:
    pid = vars(value).get("pid") if hasattr(value, "__dict__") else None
    if pid is None and hasattr(value, "__dict__"):
        # multiprocessing.Process keeps it one level down.
        pid = getattr(vars(value).get("_popen"), "pid", None)
    return pid if isinstance(pid, int) else None


def _links(name: str, args: tuple[int, ...]) -> set[str]:
    """What the pipes and terminals that a call reads, writes or polls are called in /proc."""
    descriptors: list[int] = []
    if name in _READS:
        descriptors = [args[0]]
    elif name in _POLLS:
        table = memory(args[0], 8 * min(args[1], 64))
        descriptors = [struct.unpack_from("=i", table, at)[0] for at in range(0, len(table) - 7, 8)]
    elif name in _SELECTS:
        bits = memory(args[1], (min(args[0], 1024) + 7) // 8)
        descriptors = [
            fd for fd in range(8 * len(bits)) if bits[fd // 8] >> fd % 8 & 1 and fd < args[0]
        ]
    links = set()
    for descriptor in descriptors:
        with suppress(OSError):
            link = os.readlink(f"/proc/self/fd/{descriptor}")
            if link.startswith("pipe:"):
                links.add(link)
    return links
