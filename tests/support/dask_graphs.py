"""Counts what a Dask scheduler is given; imported by name there, too."""

from __future__ import annotations

from typing import Any

from distributed import Client, SchedulerPlugin


class Graphs(SchedulerPlugin):
    """Counts the graphs."""

    name = "graphs"
    idempotent = True

    def __init__(self) -> None:
        self.count = 0

    def update_graph(self, *args: Any, **kwargs: Any) -> None:
        self.count += 1


def graphs(client: Client) -> int:
    """How many graphs the scheduler has been given since this was first asked."""
    client.register_plugin(Graphs())

    def received(dask_scheduler: Any) -> int:
        return dask_scheduler.plugins["graphs"].count

    found: int = client.run_on_scheduler(received)
    return found
