"""The link to a Dask cluster."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

from ..exceptions import JobError
from ..remote import parcel
from ..resultref import ResultRef
from ..tracebacks import error_text
from . import terms
from .call import call
from .daskclient import light, light_all
from .daskresult import DaskResult
from .flight import Flight
from .lane import Portion
from .link import GraphLink
from .post import Post

log = logging.getLogger(__name__)

LOOK = 1.0
"""How often, in seconds, to see whether there are workers that can still bring a result."""

ALONE = 10
"""How many looks in a row may find none: one that has died may be replaced."""

HARDER = 1.0
"""How long, in seconds, a forced kill waits before the worker itself is ended."""


class DaskLink(GraphLink):
    """Jobs as Dask's tasks.

    Args:
        client: The client.
        post: Whose thread tells the flights what has come.
        made: Whether the client was made for this link, and is to be closed with it.
    """

    kind = "Dask"

    def __init__(self, client: Any, post: Post, *, made: bool = True) -> None:
        super().__init__(post, made=made)
        self._client = client
        self._topic = f"nbjobs-{uuid.uuid4().hex}"
        # Results that are still there, by the tokens of their jobs.
        self._kept: WeakValueDictionary[str, DaskResult] = WeakValueDictionary()
        # Of workers that are ended for the jobs with these tokens; used in the client's loop.
        self._restarts: dict[str, asyncio.Future[None]] = {}
        client.subscribe_topic(self._topic, self._said)

    @property
    def connected(self) -> bool:
        """Whether the client is, or tries to be."""
        return self._client.status in ("running", "connecting")

    def send(self, flight: Flight, function: str, *args: Any) -> None:
        """Send a task."""
        self._departed(flight)
        future = self._client.submit(
            call,
            "daskside",
            function,
            flight.token,
            self._topic,
            terms.setup(),
            *(light(each) for each in args),
            key=_key(flight.token),
            pure=False,
        )
        flight.sent = future
        flight.job.future.key = future.key
        self._client.loop.add_callback(self._follow, flight, future)

    def run(self, flight: Flight, packed: parcel.Parcel, given: list[Any]) -> None:
        """Send a packed job, whose task depends on those tasks whose results it takes."""
        self.send(flight, "run", given, packed.data, *packed.buffers)

    def has(self, result: ResultRef) -> Any:
        """The future of a result that this cluster keeps."""
        return result.sent_by(self) if isinstance(result, DaskResult) else None

    def threads(self) -> int:
        """How many tasks the cluster runs at a time."""
        return sum(self._client.nthreads().values())

    def spread(self, packed: parcel.Parcel) -> Any:
        """Put a map's function on the cluster, for `send_all`."""
        data = light_all(packed)
        return self._client.submit(call, "daskside", "held", *data, key=_key("map"), pure=False)

    def send_all(self, portions: list[Portion], function: Any) -> None:
        """Send portions of a map in one graph, in their order."""
        for each in portions:
            self._departed(each)
        same = (self._topic, terms.setup(), function.key, function)
        rows = [("daskside", "items", each.token, *same, light_all(each.rows)) for each in portions]
        # Of one group, by their first parts: so the scheduler gives each to whoever is free, and
        # not all of them at once to the workers that they seem to suit.
        keys = [(f"{function.key}-items", each.pairs[0][0]) for each in portions]
        futures = self._client.map(call, *zip(*rows, strict=True), key=keys, pure=False)
        for each, future in zip(portions, futures, strict=True):
            each.sent = future
        self._client.loop.add_callback(self._follow_all, portions)

    def withdraw_all(self, portions: list[Portion]) -> None:
        """Cancel the tasks of portions that have not begun."""
        sent = [each.sent for each in portions if each.sent is not None]
        if sent:
            self._client.loop.add_callback(self._cancel, *sent)

    def withdraw(self, flight: Flight) -> None:
        """Cancel the task."""
        sent = flight.sent
        if sent is not None:
            self._client.loop.add_callback(self._cancel, sent)

    def end(self, flight: Flight, *, force: bool) -> None:
        """Ask the worker to end it; forced, start the worker again if that does not help."""
        place = flight.place
        if place is None:
            self.withdraw(flight)
            return
        self._client.loop.add_callback(self._ask_to_end, flight, place, force)

    def fetch(self, num: int, sent: Any) -> Future[terms.Packed]:
        """Bring the result of a job here; in vain, with a JobError, if it is lost."""
        if self.connected:
            with suppress(RuntimeError):  # Its loop has ended.
                loop = self._client.loop.asyncio_loop
                return asyncio.run_coroutine_threadsafe(self._fetch(num, sent), loop)
        failed: Future[terms.Packed] = Future()
        failed.set_exception(self.unreachable(num))
        return failed

    def unreachable(self, num: int) -> JobError:
        """What to say of a result that was not fetched in time."""
        return JobError(
            f"the result of job {num} is lost: it was on the Dask cluster, and was not read before "
            "the cluster, its client or the job manager was closed"
        )

    def _leave(self, timeout: float) -> None:
        if not self._made:
            if self._client.status == "running":
                self._client.unsubscribe_topic(self._topic)
            return
        try:
            self._client.close(timeout)
        except (OSError, RuntimeError) as error:
            # The scheduler has gone, or does not answer in time; or the client's loop has ended.
            log.info("nbjobs: the client of the Dask cluster was not closed: %s", error)

    # In the client's loop.

    async def _cancel(self, *futures: Any) -> None:
        await self._client._cancel(list(futures), force=True)

    async def _ask_to_end(self, flight: Flight, place: str, force: bool) -> None:
        sent = flight.sent
        # Not waited for: while C code holds its interpreter the worker does not answer.
        asked = asyncio.ensure_future(self._end_there(flight.token, place, force))
        asked.add_done_callback(lambda done: flight.hangs(done.result()))
        if force and sent is not None:
            await asyncio.sleep(HARDER)
            if not sent.done():
                restart = asyncio.ensure_future(self._restart(place))
                self._restarts[flight.token] = restart
                # Else it would be begun again on another worker.
                await self._cancel(sent)
                await restart

    async def _restart(self, place: str) -> None:
        try:
            await self._client._restart_workers([place], timeout=30, raise_for_error=False)
        except Exception as error:
            log.warning("nbjobs: the Dask worker %s could not be ended: %s", place, error)

    async def _end_there(self, token: str, place: str, force: bool) -> str | None:
        run = self._client._run
        try:
            told = await run(
                call, "daskside", "end", token, force, workers=[place], on_error="return"
            )
        except Exception as error:
            # The worker is gone: Dask begins the task again, and then it is ended there.
            return f"nothing that could be asked: {error_text(error)}"
        where = told.get(place)
        return where if isinstance(where, str) else None

    def _said(self, event: tuple[Any, tuple[str, str, bytes]]) -> None:
        token, place, data = event[1]
        flight = self._flights.get(token)
        messages = parcel.load(data)
        if flight is not None:
            self._post.put(flight.arrived, place, messages)
        elif messages[0][0] == "begun" and token not in self._kept:
            # Cancelled in the very moment in which the worker took it.
            self._client.loop.add_callback(self._end_there, token, place, False)

    async def _follow(self, flight: Flight, future: Any) -> None:
        # Not by the future's callbacks: they run in a thread that keeps the last result for ever.
        if not flight.lazy:
            await self._bring(flight, future)
            return
        await future.exception()
        # In that thread: all that the worker has said is known there by then.
        self._post.put(self._settle, flight, future)

    async def _follow_all(self, portions: list[Portion]) -> None:
        await asyncio.gather(*(self._follow(each, each.sent) for each in portions))

    def _settle(self, flight: Flight, future: Any) -> None:
        if future.status == "finished" and flight.stays:
            assert flight.ended is not None
            result = DaskResult(self, flight.job.num, flight.ended, future)
            # Before the flight is over: if it is begun once more that is because it was lost.
            self._kept[flight.token] = result
            self._over(flight, flight.stayed, result)
        else:
            self._client.loop.add_callback(self._bring, flight, future)

    async def _bring(self, flight: Flight, future: Any) -> None:
        tell: Callable[[Any], None] = flight.landed
        what: Any
        try:
            what = await future
        except BaseException as error:  # Dask's CancelledError is no Exception.
            tell, what = flight.failed, _translated(error, future.status)
        restart = self._restarts.pop(flight.token, None)
        if restart is not None:
            # It has not ended before its worker has.
            await restart
        self._post.put(self._over, flight, tell, what)

    async def _fetch(self, num: int, sent: Any) -> terms.Packed:
        coming = asyncio.ensure_future(sent.result())
        try:
            await self._patiently(coming)
            packed: terms.Packed = await coming
        except BaseException as error:  # Dask's CancelledError is no Exception.
            coming.cancel()
            told = JobError(
                f"the result of job {num}, which was kept on the Dask cluster, is lost: "
                f"{error_text(error)}"
            )
            raise told from error
        return packed

    async def _patiently(self, coming: asyncio.Future[Any]) -> None:
        alone = 0
        while not coming.done():
            await asyncio.wait([coming], timeout=LOOK)
            # Dask computes again what was lost with a worker, but waits for ever for another.
            alone = 0 if coming.done() or await self._client.nthreads() else alone + 1
            if alone > ALONE:
                raise JobError("no worker is left that could compute it again")


def _key(name: str) -> str:
    return f"nbjobs-{name}-{uuid.uuid4().hex[:8]}"


def _translated(error: BaseException, status: str) -> JobError:
    text = error_text(error)
    if isinstance(error, JobError):
        return error
    if isinstance(error, ImportError):
        told = JobError(
            f"the Dask cluster cannot run jobs: {text}. nbjobs and cloudpickle have to be "
            "installed on its workers and its scheduler, too: pip install 'nbjobs[dask]'"
        )
    elif type(error).__name__ == "KilledWorker":
        told = JobError(f"the job is lost: each worker that took it has died. {text}")
    else:
        told = JobError(f"the job is lost, which Dask calls {status}: {text}")
    told.__cause__ = error
    return told
