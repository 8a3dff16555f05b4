"""Where the workers of a map get their items from."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .exceptions import JobError, JobKilled
from .killing import KillSignal
from .outcomes import Handed, Kept

Pair = tuple[int, Any]


class Fixed:
    """Items that are all there already.

    Args:
        rows: The items.
        todo: The indexes of those to be run; None for all.
        workers: How many will share them, if they are dealt out beforehand, like cards; None if
            each worker gets the next one whenever it is free.
    """

    def __init__(
        self, rows: Sequence[Any], todo: Sequence[int] | None = None, workers: int | None = None
    ) -> None:
        self.rows = rows
        self._todo = range(len(rows)) if todo is None else todo
        self._workers = workers
        # Its `next` is one step of the interpreter: no lock is needed to share it.
        self._positions = itertools.count()
        self.error: Exception | None = None

    @property
    def total(self) -> int:
        """How many there are to be run."""
        return len(self._todo)

    @property
    def dealt(self) -> bool:
        """Whether each worker has its own share of them from the beginning."""
        return self._workers is not None

    #: Whatever was not run is known by its index, so nothing is left that nobody knows of.
    over = True

    def stream(self, worker: int) -> Iterator[Pair]:
        """The items for one worker, with their indexes."""
        rows, todo = self.rows, self._todo
        if self._workers is not None:
            for index in todo[worker :: self._workers]:
                yield index, rows[index]
            return
        end = len(todo)
        for position in self._positions:
            if position >= end:
                return
            index = todo[position]
            yield index, rows[index]


class Flowing:
    """Items that an iterator makes one by one, perhaps slowly, perhaps without end.

    Each is made when a worker is free for it, so no more are on their way than there are workers.

    Args:
        pairs: The items with their indexes.
        results: Told of each index.
        ahead: How many may have been pulled that nobody has taken yet; None for any number.
    """

    total = None

    def __init__(self, pairs: Iterator[Pair], results: Kept, ahead: int | None = None) -> None:
        self.pairs = pairs
        self._results = results
        # Taken by `with` only; what is blocked on it is woken in turn, killed or not.
        self._lock = threading.Lock()
        self._over = False
        # How many more may be pulled, and who is not to wait for that any more; both guarded by the
        # condition.
        self._room = float("inf") if ahead is None else ahead
        self._dismissed: set[int] = set()
        self._changed = threading.Condition(threading.Lock())
        self._told: list[Callable[[], object]] = []
        self.error: Exception | None = None

    @property
    def over(self) -> bool:
        """Whether the iterator has come to its end, or has failed."""
        return self._over

    def taken(self) -> None:
        """An item's outcome has been taken: one more may be pulled."""
        with self._changed:
            self._room += 1
            self._tell()

    def dismiss(self, worker: int) -> None:
        """Have a worker that waits for room, or would, find no more items."""
        with self._changed:
            self._dismissed.add(worker)
            self._tell()

    def tell(self, changed: Callable[[], object]) -> bool:
        """Whether an item may be pulled now; if not, `changed` is called, once, when that may be.

        For workers that must not wait in their thread.
        """
        with self._changed:
            if self._room <= 0:
                self._told.append(changed)
            return self._room > 0

    def stream(self, worker: int) -> Iterator[Pair]:
        """The items for one worker, with their indexes."""
        while self._enter(worker):
            pair = self._pull()
            if pair is None:
                self.taken()  # For the others who wait for room: they are to see the end, too.
                return
            yield pair

    def _enter(self, worker: int) -> bool:
        with self._changed:
            while self._room <= 0 and worker not in self._dismissed:
                self._changed.wait()
            if worker in self._dismissed:
                return False
            self._room -= 1
            return True

    def _tell(self) -> None:
        """With the condition held."""
        self._changed.notify_all()
        told, self._told = self._told, []
        for changed in told:
            changed()

    def _pull(self) -> Pair | None:
        with self._lock:
            if self._over:
                return None
            try:
                pair = next(self.pairs, None)
                if pair is not None:
                    self._results.reserve(pair[0])
                    return pair
            except KillSignal:
                # A generator that is interrupted is at its end; nobody must take that for the
                # end of the items.
                self._stop(JobKilled("the iterable was interrupted when its worker was killed"))
                raise
            except Exception as error:
                self._stop(_explained(error))
            except BaseException as error:
                wrapped = JobError(f"the iterable raised {type(error).__name__}")
                wrapped.__cause__ = error
                self._stop(wrapped)
            self._over = True
        return None

    def _stop(self, error: Exception) -> None:
        self._over = True
        self.error = error


def _explained(error: Exception) -> Exception:
    if isinstance(error, ValueError) and str(error) == "generator already executing":
        told = JobError(
            "the generator is in use elsewhere at the same time: give each its own, or make a "
            "list of it"
        )
        told.__cause__ = error
        return told
    return error


def source_for(
    iterables: tuple[Iterable[Any], ...], *, workers: int, chunked: bool, ahead: int | None
) -> tuple[Fixed | Flowing, Kept]:
    """The source of a map's items, and where its results go.

    Raises:
        TypeError: One of the iterables cannot be iterated.
    """
    # Exactly these types: indexing an array, a frame or a subclass may mean something else.
    sized = all(type(each) in (list, tuple, range) for each in iterables)
    single = len(iterables) == 1
    if ahead is None and (sized or chunked):
        only = iterables[0]
        rows: Sequence[Any]
        if single and isinstance(only, range):
            rows = only
        else:
            # A copy: the caller's list may change while the workers read.
            rows = list(only) if single else list(zip(*iterables, strict=False))
        return Fixed(rows, workers=workers if chunked else None), Kept(len(rows))
    results = Kept() if ahead is None else Handed()
    rest = iter(iterables[0]) if single else zip(*iterables, strict=False)
    return Flowing(enumerate(rest), results, ahead), results
