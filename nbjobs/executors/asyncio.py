"""Jobs as tasks of one event loop, in a background thread of this process: for coroutines.

Thousands may be under way at once, and what belongs to the loop, such as a session of an HTTP
client, may be shared between them. A job is cancelled at its next `await`; until it gets there it
holds up all others, and `blocked_in` of any of them says who it is.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from types import FrameType
from typing import Any

from ..coderun import CodeRun
from ..engines import EngineSettings
from ..exceptions import JobError
from ..graph import Call
from ..job import Job
from ..killing.blocked import innermost, user_place
from ..killing.threadstates import current_frames
from ..sources import Flowing
from ..threads import ServiceThread
from ..workers import Worker

PATIENCE = 0.05
"""How long, in seconds, the loop may take to answer before it counts as blocked."""


class TaskRun:
    """A job's task."""

    __slots__ = ("_executor", "killed", "task")

    native_id = None

    def __init__(self, executor: AsyncioExecutor) -> None:
        self._executor = executor
        self.killed = False
        self.task: asyncio.Task[None] | None = None

    @property
    def ident(self) -> None:
        """None: the loop's thread is not the job's alone, and must not be killed with it."""
        return None

    def kill(self, *, force: bool) -> None:
        """Cancel it, at its next `await`."""
        self.killed = True
        self._executor.soon(self.cancel)

    def cancel(self) -> None:
        """Cancel it; in the loop's thread."""
        if self.task is not None:
            self.task.cancel()

    def blocked_in(self) -> str | None:
        """Where it waits; or who holds up the loop, if somebody does."""
        return self._executor.held_up_by() or self._waits_in()

    def _waits_in(self) -> str | None:
        coroutine: Any = None if self.task is None else self.task.get_coro()
        frames: list[FrameType] = []
        while inspect.iscoroutine(coroutine):
            # None in one that has ended meanwhile.
            frames += [] if coroutine.cr_frame is None else [coroutine.cr_frame]
            coroutine = coroutine.cr_await
        place = innermost(frames)
        return None if place is None else f"await at {place}"


class AsyncioExecutor:
    """Runs each job as a task of its own."""

    name = "asyncio"

    def __init__(self, settings: EngineSettings, on: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._tasks: dict[asyncio.Task[None], Job] = {}
        self._closed = False
        self._thread = ServiceThread(self._work, "nbjobs-asyncio")
        self._thread.start()

    def start(self, job: Job) -> None:
        """Make a task for `job`."""
        if not self.soon(self._begin, job):
            job.fail_to_start(JobError("the event loop is closed"))

    def attend(self, job: Job) -> None:
        """Nothing is to be done: it runs elsewhere."""

    def close(self, timeout: float) -> None:
        """Cancel all tasks, and end the loop."""
        self._closed = True
        self.soon(self._cancel_all)
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)

    def soon(self, call: Callable[..., object], *args: Any) -> bool:
        """Call something in the loop's thread; False if the loop has ended."""
        try:
            self._loop.call_soon_threadsafe(call, *args)
        except RuntimeError:
            return False
        return True

    def held_up_by(self) -> str | None:
        """Which job's code keeps the loop from going on, and where; None if it goes on."""
        answered = threading.Event()
        if threading.current_thread() is self._thread or not self.soon(answered.set):
            return None
        if answered.wait(PATIENCE):
            return None
        task = asyncio.current_task(self._loop)
        job = None if task is None else self._tasks.get(task)
        frame = current_frames().get(self._thread.ident or 0)
        where = "" if frame is None else f" at {user_place(frame)}"
        who = "something" if job is None else f"job {job.num}"
        return f"the event loop, which {who} holds up{where}"

    # In the loop's thread.

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            while not self._closed:
                # What a task of the user's own raises to end the interpreter ends that task only.
                with suppress(SystemExit, KeyboardInterrupt):
                    self._loop.run_forever()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    def _begin(self, job: Job) -> None:
        task = job.task
        run = TaskRun(self)
        if task is None or job.begin(run) is None:
            return
        work = _map(job) if isinstance(job, Worker) else _call(task.call)
        # In an empty context, as every job.
        made = self._loop.create_task(
            _run(job, run, work), context=Context(), name=f"nbjobs-job-{job.num}"
        )
        self._tasks[made] = job
        made.add_done_callback(self._tasks.pop)
        run.task = made
        if run.killed:
            made.cancel()

    def _cancel_all(self) -> None:
        for task in self._tasks:
            task.cancel()
        waiting = asyncio.gather(*self._tasks, return_exceptions=True)
        waiting.add_done_callback(lambda _: self._loop.stop())
        if not self._tasks:
            self._loop.stop()


async def _run(job: Job, run: TaskRun, work: Awaitable[Any]) -> None:
    job.enter()
    value: Any = None
    failure: BaseException | None = None
    try:
        value = await work
        job.leave(value, None)
    except asyncio.CancelledError as error:
        failure = error
        if not run.killed:
            job.leave(None, error)
    except BaseException as error:
        failure = error
        job.leave(None, error)
    # What it raised on its way out, cancelled, is a consequence of that.
    job.finish(value, failure, killed=run.killed and failure is not None)


async def _call(call: Callable[[], Any]) -> Any:
    if isinstance(call, CodeRun) and call.awaits:
        return await call.run_async()
    if isinstance(call, Call) and call.elsewhere:
        # Else the loop would stand still meanwhile.
        await asyncio.wait([asyncio.wrap_future(each.bring()) for each in call.elsewhere])
    value = call()
    return await value if inspect.isawaitable(value) else value


async def _map(worker: Worker) -> None:
    """One worker's share of a map; as many items are under way at once as there are workers."""
    work, index = worker.work, worker.index
    portions = work.portions(index)
    while True:
        if isinstance(work.source, Flowing):
            await _room(work.source)
        portion = next(portions, None)
        if portion is None:
            return
        for pair in portion:
            value: Any = None
            failure: BaseException | None = None
            try:
                value = work.function(*pair[1]) if work.spread else work.function(pair[1])
                if inspect.isawaitable(value):
                    value = await value
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                failure = error
            work.settled(index, pair, value, failure)
        # Items that never wait are not to hold up the loop.
        await asyncio.sleep(0)


async def _room(source: Flowing) -> None:
    """Wait until an item may be pulled; the loop goes on meanwhile."""
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()

    def tell() -> None:
        with suppress(RuntimeError):  # The loop has ended.
            loop.call_soon_threadsafe(changed.set)

    while not source.tell(tell):
        await changed.wait()
        changed.clear()
