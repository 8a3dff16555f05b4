"""The link to an ipyparallel cluster."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import ipyparallel
from ipyparallel import error

from ..exceptions import JobError
from ..remote import parcel
from . import terms
from .call import Call
from .flight import Flight
from .link import Link
from .post import Post

RESUBMISSIONS = 1
"""How often a job is sent again whose engine has died."""

LATE = 3.0
"""How long, in seconds, output is waited for that should come with a reply."""

PROBED = 0.2
"""How long, in seconds, a new client waits for what an engine has said in answer to a probe."""

HARDER = 1.0
"""How long, in seconds, a forced kill waits before the engine itself is ended."""

# Of ipyparallel's clients: the first two messages that are made at once, in two threads, change one
# table of classes while it is read (`canning.can`), and one of them fails with a KeyError.
_serializing = threading.Lock()


class EngineLink(Link):
    """Jobs as tasks of ipyparallel's.

    Args:
        client: The client.
        post: Whose thread tells the flights what has come.
        targets: The engines that may be used; None for all.
        direct: Whether each job is sent to one of them at once, the next one in turn, and not
            by the scheduler to the first that is free.
        retries: How often a job is sent again whose engine has died.
        made: Whether the client was made for this link, and is to be closed with it.
    """

    kind = "ipyparallel"

    def __init__(
        self,
        client: Any,
        post: Post,
        *,
        targets: Any = None,
        direct: bool = False,
        retries: int = RESUBMISSIONS,
        made: bool = True,
    ) -> None:
        super().__init__(post, made=made)
        self._client = client
        self._targets = targets
        self._turns = itertools.count() if direct else None
        # Not the scheduler's own: it sends again what has failed for any reason, never to the same
        # engine, and waits for ever where there is no other.
        self._retries = 0 if direct else retries
        self._view = client.direct_view("all") if direct else client.load_balanced_view()
        self._listen()

    @property
    def connected(self) -> bool:
        """Whether the client is open."""
        return not self._client._closed

    def send(self, flight: Flight, function: str, *args: Any) -> None:
        """Send a task.

        Raises:
            JobError: There is no engine to send it to.
        """
        self._send(flight, self._retries, function, args)

    def _send(self, flight: Flight, retries: int, function: str, args: tuple[Any, ...]) -> None:
        ident, metadata = self._route()
        self._departed(flight)
        again = partial(self._send, flight, retries - 1, function, args) if retries else None

        heard: list[None] = []

        def hook(future: Any) -> None:
            # Before it is sent: no message can come earlier.
            flight.sent = future
            future.iopub_callbacks.append(lambda message: self._said(flight, message, heard))

        with _serializing:
            future = self._client.send_apply_request(
                self._view._socket,
                Call("engineside", function, flight.token, terms.setup()),
                args,
                metadata=metadata,
                ident=ident,
                message_future_hook=hook,
            )
        future.add_done_callback(lambda done: self._replied(flight, again, heard, done))

    def withdraw(self, flight: Flight) -> None:
        """Have the engines leave the task out, wherever it waits now."""
        if flight.sent is not None and not flight.sent.done():
            with suppress(error.NoEnginesRegistered, OSError):
                self._client.abort([flight.sent.msg_id], targets="all", block=False)

    def end(self, flight: Flight, *, force: bool) -> None:
        """Ask the engine to end it; forced, end the engine if that does not help."""
        engine = flight.place
        if engine is None or flight.sent is None:
            self.withdraw(flight)
            return
        asked = {"token": flight.token, "force": force}
        self._control(
            engine, terms.ASK, asked, lambda reply: flight.hangs(reply["content"].get("where"))
        )
        if force:
            sent = flight.sent
            loop = self._client._io_loop
            loop.add_callback(lambda: loop.call_later(HARDER, self._end_engine, engine, sent))

    def _end_engine(self, engine: int, sent: Any) -> None:
        if not sent.done():
            with suppress(IndexError, error.NoEnginesRegistered):
                self._client.send_signal("SIGKILL", targets=[engine], block=False)

    def _leave(self, timeout: float) -> None:
        if self._made and not self._client._closed:
            self._client.close()

    # Inside; what comes is told in the client's own thread.

    def _listen(self) -> None:
        """Wait until it is heard what engines say: a new client misses what comes too early."""
        end = time.monotonic() + LATE
        while (rest := end - time.monotonic()) > 0:
            with _serializing:
                probe = self._view.apply_async(int)
            # Busy engines answer later; by then the client has been listening for long.
            if not probe.wait(rest) or probe.wait_for_output(PROBED):
                return

    def _route(self) -> tuple[Any, dict[str, Any]]:
        try:
            if self._turns is not None:
                idents, _ = self._client._build_targets(self._targets or "all")
                return idents[next(self._turns) % len(idents)], {}
            targets = [] if self._targets is None else self._client._build_targets(self._targets)[0]
        except (IndexError, error.NoEnginesRegistered) as problem:
            raise JobError(
                f"there is no engine to send the job to: {problem}. Start engines, for example "
                "by cluster.start_engines() or `ipcluster engines`"
            ) from problem
        return None, {
            "after": [],
            "follow": [],
            "timeout": None,
            "targets": [each.decode() for each in targets],
            "retries": 0,
            "label": None,
        }

    def _said(self, flight: Flight, message: Any, heard: list[None]) -> None:
        kind = message["header"]["msg_type"]
        if kind == "data_message":
            engine, messages = parcel.load(message["buffers"][-1])
            self._post.put(flight.arrived, engine, messages)
            heard.append(None)
        elif kind == "status" and message["content"]["execution_state"] == "busy":
            engine = self._client.metadata[message["parent_header"]["msg_id"]]["engine_id"]
            # It is None for an engine that the client has not been told of yet.
            if engine is not None:
                self._post.put(flight.taken, engine)

    def _replied(
        self, flight: Flight, again: Callable[[], None] | None, heard: list[None], done: Any
    ) -> None:
        result = done.result()
        handed: list[bool] = []

        def hand_over(_: object = None) -> None:
            if not handed:
                handed.append(True)
                self._post.put(self._settle, flight, again, result)

        # The reply and the output come by different sockets.
        if not isinstance(result, BaseException) and len(heard) == result[0]:
            hand_over()
            return
        output = done.output
        if not output.done():
            # An engine that has died right after the reply sends no more.
            self._client._io_loop.call_later(LATE, hand_over)
        output.add_done_callback(hand_over)

    def _settle(self, flight: Flight, again: Callable[[], None] | None, result: Any) -> None:
        if isinstance(result, BaseException):
            told = _translated(result)
            if again and _engine_died(result) and not (flight.killed or flight.job.state.finished):
                try:
                    again()
                except JobError as problem:
                    told = problem
                else:
                    return
            self._over(flight, flight.failed, told)
        else:
            self._over(flight, flight.landed, result[1:] or None)

    def _control(
        self, engine: int, kind: str, content: dict[str, Any], told: Callable[[Any], None]
    ) -> None:
        # There is no public way to send a control message that ipyparallel does not know itself.
        # An engine that is gone has no use for it: its jobs fail for that reason.
        with suppress(IndexError, error.NoEnginesRegistered, OSError):
            future = self._client._send_control_request([engine], kind, content, block=False)
            future.add_done_callback(lambda done: told(done.result()[0]))


def _engine_died(result: BaseException) -> bool:
    return isinstance(result, error.RemoteError) and result.ename == "EngineError"


def _translated(result: BaseException) -> JobError:
    if isinstance(result, error.RemoteError):
        where = f"engine {result.engine_info.get('engine_id')}" if result.engine_info else "engine"
        if result.ename in ("ModuleNotFoundError", "ImportError"):
            told = JobError(
                f"the {where} cannot run jobs: {result.evalue}. nbjobs and cloudpickle have to be "
                "installed there, too: pip install 'nbjobs[ipyparallel]'"
            )
        elif result.ename == "JobError":
            told = JobError(result.evalue)
        elif _engine_died(result):
            told = JobError(f"the job is lost: {result.evalue}")
        else:
            told = JobError(f"the {where} failed: {result.ename}: {result.evalue}")
    elif isinstance(result, error.TaskAborted):
        told = JobError("the job was aborted by another client of the cluster")
    else:
        told = JobError(f"the job is lost: {result}")
    told.__cause__ = result
    return told


def connect(**how: Any) -> Any:
    """A client.

    Raises:
        JobError: The cluster cannot be reached.
    """
    try:
        return ipyparallel.Client(**how)
    except Exception as problem:
        named = ", ".join(f"{key}={value!r}" for key, value in how.items())
        raise JobError(
            f"no ipyparallel cluster can be reached with {named}: {str(problem).rstrip('.')}. "
            "Start one, for example by `ipcluster start --profile=NAME`, or use --on ipyparallel, "
            "which starts one on this machine"
        ) from problem
