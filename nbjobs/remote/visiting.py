"""A packed job as one call, for pools that know nothing of us: its output comes with its reply."""

from __future__ import annotations

from typing import Any

from . import runner, streams


def run(data: bytes, buffers: list[bytes]) -> tuple[list[Any], bytes, list[bytes]]:
    """Run a packed job; returns its messages, and the data and the buffers of its reply."""
    streams.install()
    messages: list[Any] = []
    reply = runner.run(data, buffers, messages.extend)
    return messages, reply.data, [bytes(each) for each in reply.buffers]
