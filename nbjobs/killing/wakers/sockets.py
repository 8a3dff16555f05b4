"""Sockets: blocked in receiving, sending, accepting or connecting, with a timeout or without."""

from __future__ import annotations

import os
import socket
import struct
from contextlib import suppress
from pathlib import Path

from ..gate import CLOSED, Gate, running
from ..looks import Look
from ..ownership import makers_of, sockets_of
from ..systemcalls import SystemCall, call_of, memory, others_in_call_on

_READS = frozenset({"read", "readv", "recvfrom", "recvmsg", "accept", "accept4"})
_ON_ONE = _READS | {"write", "writev", "connect", "sendto", "sendmsg"}
_MANY = 1024
#: By name: importing it is not cheap, and it need not be there.
_HTTP_CLIENT = str(Path(socket.__file__).with_name("http") / "client.py")


class SocketWaker:
    """Shuts down the socket that the call is blocked on, if the job may do that.

    The blocked call returns at once, with an error or the end of the data; nothing is ever lost
    that somebody else could still have read, because only a job's own socket is touched:

    - one that code of the job has made, or of a job that has ended since (a pool keeps those);
    - one in the middle of an HTTP exchange, which is one thread's alone until it is over;
    - and never one on which another thread is in a call, too.
    """

    name = "socket"

    def wake(self, look: Look) -> bool:
        """Wake the call if it is blocked on a socket of its job's."""
        call = call_of(look.gate.native_id)
        if call is None:
            return False
        ours = [each for each in _descriptors(call) if _may_cut(look, each)]
        return sum(_shut_down(each) for each in ours) > 0


def _descriptors(call: SystemCall) -> list[int]:
    if call.name in _ON_ONE:
        return [call.args[0]]
    if call.name in ("poll", "ppoll"):
        count = min(call.args[1], _MANY)
        table = memory(call.args[0], 8 * count)
        return [struct.unpack_from("=i", table, at)[0] for at in range(0, len(table) - 7, 8)]
    if call.name in ("select", "pselect6"):
        size = min(call.args[0], _MANY)
        sets = [memory(address, (size + 7) // 8) for address in call.args[1:4] if address]
        return [fd for fd in range(size) if any(_has_bit(bits, fd) for bits in sets)]
    return []


def _has_bit(bits: bytes, index: int) -> bool:
    return index // 8 < len(bits) and bool(bits[index // 8] >> index % 8 & 1)


def _may_cut(look: Look, descriptor: int) -> bool:
    gate = look.gate
    if not _is_ours(look, gate, descriptor):
        return False
    return not others_in_call_on(descriptor, gate.native_id, _ON_ONE)


def _is_ours(look: Look, gate: Gate, descriptor: int) -> bool:
    if descriptor in sockets_of(gate.owner):
        return True
    if any(frame.f_code.co_filename == _HTTP_CLIENT for frame in look.frames):
        return True
    makers = makers_of(descriptor)
    alive = {id(each.owner) for each in list(running.values()) if each.phase != CLOSED}
    return bool(makers) and not any(id(maker) in alive for maker in makers)


def _shut_down(descriptor: int) -> bool:
    # On a duplicate: the number may be closed and given to another file while we look at it.
    try:
        duplicate = os.dup(descriptor)
    except OSError:
        return False
    try:
        if not os.readlink(f"/proc/self/fd/{duplicate}").startswith("socket:"):
            return False
        handle = socket.socket(fileno=duplicate)
    except OSError:
        os.close(duplicate)
        return False
    # An error says it is not connected (any more): that ends the blocked call just as well.
    with handle, suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)
    return True
