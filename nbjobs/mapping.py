"""The work of a map, as its workers do it: take an item, call the function, keep the outcome."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .backoff import delay
from .bell import Bell
from .exceptions import JobError
from .hands import Hand
from .killing import KillSignal
from .outcomes import ItemError, Kept
from .sources import Fixed, Flowing, Pair
from .task import Options
from .text import short_repr
from .tracebacks import error_text, without_our_frames

REPORT_EVERY = 0.1
"""How long, in seconds, at least, from one report of the progress to the next."""

PORTION = 0.02
"""How long, in seconds, items take together that go to another process at once."""


class Work:
    """All items of a map, and what has become of them.

    Args:
        function: What to call.
        spread: Whether an item holds several arguments.
        source: Where the items come from.
        results: Where the results go.
        options: `retries`, `retry_on` and `retry_delay` are those of each item.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        source: Fixed | Flowing,
        results: Kept,
        options: Options,
        *,
        spread: bool,
    ) -> None:
        self.function = function
        self.spread = spread
        self.source: Fixed | Flowing = source
        self.results = results
        self.options = options
        self.hands: list[Hand] = []
        self.bell = Bell()
        self.retried = 0
        #: What runs all items at once on a cluster; False where nothing does, None before the first
        #: worker begins.
        self.graph: Any = None
        #: Why no item at all can be run; None if that is not so.
        self.broken: Exception | None = None
        #: Called now and then when there is progress.
        self.report: Callable[[], None] = _nothing
        self._next_report = 0.0
        # Guards the next two.
        self._lock = threading.Lock()
        self._again: list[tuple[float, int, Any]] = []
        self._failures: dict[int, int] = {}

    @property
    def done(self) -> int:
        """How many items have been dealt with."""
        return sum(hand.done for hand in self.hands)

    @property
    def busy(self) -> float:
        """The seconds of work in all items."""
        now = time.perf_counter()
        total = 0.0
        for hand in self.hands:
            total += hand.busy + (now - hand.since if hand.item is not None else 0.0)
        return total

    def run(self, worker: int) -> None:
        """Do one worker's share."""
        hand = self.hands[worker]
        function, spread, keep, bell = self.function, self.spread, self.results.set, self.bell
        clock = time.perf_counter
        stream = self.source.stream(worker)
        for pair in self._with_retries(stream, hand) if self.options.retries else stream:
            index, row = pair
            began = hand.since = clock()
            hand.item = pair
            try:
                value = function(*row) if spread else function(row)
            except KillSignal:
                raise
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt) and _in_main():
                    raise  # The user's own, in a map that runs inline: it is not the item's.
                settled = self._failed(index, row, error)
            else:
                keep(index, value)
                settled = True
                # Else it would be kept until the next item is done.
                del value
            hand.item = None
            now = clock()
            hand.busy += now - began
            hand.done += settled
            if bell.awaited:
                bell.ring()
            if now > self._next_report:
                self._next_report = now + REPORT_EVERY
                self.report()

    def abandon(self, worker: int, error: Exception) -> None:
        """A worker has been ended while it was at an item, because of `error`."""
        hand = self.hands[worker]
        pair, hand.item = hand.item, None
        pairs, hand.more = hand.more, []
        if pair is None and not pairs:
            return
        hand.busy += time.perf_counter() - hand.since
        self.lose(worker, [pair, *pairs] if pair is not None else pairs, error)

    def lose(self, worker: int, pairs: list[Pair], error: Exception) -> None:
        """Items of a worker's are lost, because of `error`."""
        for index, row in pairs:
            # It may have been ended between the last step of one item and the first of the next.
            if self.results.look(index) is None:
                self.results.fail(ItemError(index, row, error))
                self.hands[worker].done += 1
        if self.bell.awaited:
            self.bell.ring()

    @property
    def all_there(self) -> bool:
        """Whether all items are there, to be taken by anyone, and each is run once."""
        source = self.source
        return type(source) is Fixed and not source.dealt and not self.options.retries

    def take(self, worker: int, portion: list[Pair]) -> None:
        """A worker begins with some items."""
        hand = self.hands[worker]
        hand.item, hand.more = portion[0], portion
        hand.since = time.perf_counter()

    def let_go(self, worker: int) -> float:
        """It is done with them; returns the seconds that it took."""
        hand = self.hands[worker]
        began = hand.item is not None
        hand.item, hand.more = None, []
        now = time.perf_counter()
        took = now - hand.since if began else 0.0
        hand.busy += took
        if now > self._next_report:
            self._next_report = now + REPORT_EVERY
            self.report()
        return took

    def dismiss(self, worker: int) -> None:
        """Have a worker that nothing can interrupt, as it waits for an item, find no more."""
        if isinstance(self.source, Flowing):
            self.source.dismiss(worker)

    def portions(self, worker: int) -> Iterator[list[Pair]]:
        """One worker's share, in portions that go to another process together.

        The items of a portion that `settled` has not been called for, when the next one is asked
        for, are lost. Small items come in large portions, so that carrying them costs little;
        near the end they are small again, so that all workers end together.
        """
        hand = self.hands[worker]
        stream = self.source.stream(worker)
        pairs = iter(self._with_retries(stream, hand) if self.options.retries else stream)
        size = 1
        while portion := list(itertools.islice(pairs, size)):
            self.take(worker, portion)
            yield portion
            size = self._next_size(size, self.let_go(worker))

    def settled(self, worker: int, pair: Pair, value: Any, error: BaseException | None) -> None:
        """An item of a portion has come to `value`, or has raised `error`."""
        index, row = pair
        if error is None:
            self.results.set(index, value)
            self.hands[worker].done += 1
        else:
            self.hands[worker].done += self._failed(index, row, error)
        if self.bell.awaited:
            self.bell.ring()

    def all_settled(
        self,
        worker: int,
        portion: Sequence[Pair],
        values: Sequence[Any],
        errors: Mapping[int, BaseException | None],
    ) -> None:
        """The items of a portion have come to `values`, and those at some places to `errors`."""
        if errors:
            for place, pair in enumerate(portion):
                self.settled(worker, pair, values[place], errors.get(place))
            return
        self.results.set_all([index for index, _ in portion], values)
        self.hands[worker].done += len(portion)
        if self.bell.awaited:
            self.bell.ring()

    def _next_size(self, size: int, took: float) -> int:
        if type(self.source) is not Fixed:
            # Pulling an item may take its time, or never end: none waits for another.
            return 1
        left = (self.source.total - self.done) // (4 * len(self.hands))
        if took < PORTION:
            size = min(2 * size, max(size, int(size * PORTION / max(took, 1e-6))))
        elif took > 2 * PORTION:
            size //= 2
        return max(1, min(size, left))

    def _failed(self, index: int, row: Any, error: BaseException) -> bool:
        """An item has raised; False if it is to be tried again."""
        allowed: Any = self.options.retry_on
        with self._lock:
            failures = self._failures.get(index, 0) + 1
            if failures <= self.options.retries and isinstance(error, allowed):
                self._failures[index] = failures
                self.retried += 1
                due = time.monotonic() + delay(failures, self.options.retry_delay)
                heapq.heappush(self._again, (due, index, _Row(row)))
                return False
        self.results.fail(ItemError(index, row, _tidy(error, index, row)))
        return True

    def _with_retries(self, stream: Iterator[Pair], hand: Hand) -> Iterator[Pair]:
        """The worker's items, and among them those of all workers that are to be tried again."""
        while True:
            again = self._due(time.monotonic()) if self._again else None
            pair = again or next(stream, None)
            if pair is None:
                # Nothing else is left to do: wait for one that is to come, and leave the others
                # to the others.
                with self._lock:
                    if not self._again:
                        return
                    due, index, kept = heapq.heappop(self._again)
                pair = index, kept.row
                hand.since = time.perf_counter()
                hand.item = pair
                time.sleep(max(0.0, due - time.monotonic()))
            yield pair

    def _due(self, now: float) -> Pair | None:
        with self._lock:
            if not self._again or self._again[0][0] > now:
                return None
            _, index, kept = heapq.heappop(self._again)
        return index, kept.row


class _Row:
    """An item in the heap, where it must not be compared."""

    __slots__ = ("row",)

    def __init__(self, row: Any) -> None:
        self.row = row

    def __lt__(self, other: object) -> bool:
        return False


def _tidy(error: BaseException, index: int, row: Any) -> Exception:
    """An item's error as it is kept and raised: with its own frames only, and the item named."""
    error = error.with_traceback(without_our_frames(error))
    error.add_note(f"item {index}: {short_repr(row)}")
    if isinstance(error, Exception):
        return error
    # SystemExit and the like would do to the reader what they were to do to the item.
    wrapped = JobError(f"the item ended with {error_text(error)}")
    wrapped.__cause__ = error
    return wrapped


def _in_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _nothing() -> None:
    """Nobody wants to know."""
