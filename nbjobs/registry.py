"""Jobs by number and by name."""

from __future__ import annotations

import difflib
import re
import threading
from collections.abc import Callable

from .exceptions import JobNotFound
from .job import Job
from .text import plural, short_repr

Key = int | str | Job
"""What a job can be asked for by: its number, its name (or a number or range as text), itself."""

_RANGE = re.compile(r"(\d+)-(\d+)$")


class Registry:
    """All jobs of a manager."""

    def __init__(self) -> None:
        # Guards the rest. Never held while foreign code runs.
        self._lock = threading.Lock()
        self._jobs: dict[int, Job] = {}
        # Those that `take_ended` has not returned yet; so that it need not look at all of them.
        self._untaken: dict[int, Job] = {}
        self._next = 0

    def add(self, make: Callable[[int], Job], name: str | None) -> Job:
        """Make a job with the next number and keep it.

        Raises:
            ValueError: An unfinished job has that name.
        """
        with self._lock:
            if name is not None:
                other = self._named(name)
                if other is not None and other.is_alive():
                    raise ValueError(
                        f"job {other.num} is named {name!r} and has not ended: choose another "
                        f"name, wait for it or kill it"
                    )
            job = self._jobs[self._next] = self._untaken[self._next] = make(self._next)
            self._next += 1
        return job

    def remove(self, job: Job) -> bool:
        """Forget a job; False if that was done before."""
        with self._lock:
            self._untaken.pop(job.num, None)
            return self._jobs.pop(job.num, None) is not None

    def take_ended(self) -> list[Job]:
        """The jobs that have ended and were not returned before, oldest first."""
        with self._lock:
            ended = [job for job in self._untaken.values() if job.state.finished]
            for job in ended:
                del self._untaken[job.num]
        return ended

    def jobs(self) -> list[Job]:
        """All of them, oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def by_num(self) -> dict[int, Job]:
        """All of them by number, oldest first; a copy."""
        with self._lock:
            return dict(self._jobs)

    def __len__(self) -> int:
        return len(self._jobs)

    def has(self, which: object) -> bool:
        """Whether `find` would find it."""
        try:
            self.find(which)
        except (JobNotFound, TypeError):
            return False
        return True

    def find(self, which: object) -> Job:
        """The one job meant by `which`.

        The newest one, if several jobs have had that name.

        Raises:
            JobNotFound: There is none.
            TypeError: `which` is neither a number nor a name nor a job.
        """
        num = which.num if isinstance(which, Job) else which
        if isinstance(num, str):
            if num.isdecimal():
                num = int(num)
            else:
                with self._lock:
                    job = self._named(num)
                if job is None:
                    raise JobNotFound(self._no_name(num))
                return job
        if isinstance(num, bool) or not isinstance(num, int):
            raise TypeError(f"a job is looked up by number, name or job, not {short_repr(which)}")
        found = self._jobs.get(num)
        if found is None or (isinstance(which, Job) and found is not which):
            raise JobNotFound(self._no_number(num))
        return found

    def select(self, *which: Key) -> list[Job]:
        """The jobs meant by all of `which`, each once, in that order; see `find`.

        A range such as `"5-9"` means those of its numbers that there are.

        Raises:
            JobNotFound: One of them means no job.
        """
        found: dict[int, Job] = {}
        for key in which:
            span = _RANGE.match(key) if isinstance(key, str) else None
            if span is None:
                job = self.find(key)
                found[job.num] = job
                continue
            first, last = int(span[1]), int(span[2])
            inside = [job for job in self.jobs() if first <= job.num <= last]
            if not inside:
                raise JobNotFound(f"there is no job from {first} to {last}; {self._what_is()}")
            found.update((job.num, job) for job in inside)
        return list(found.values())

    def names(self) -> list[str]:
        """The names that jobs have."""
        return [job.name for job in self.jobs() if job.name is not None]

    def _named(self, name: str) -> Job | None:
        # The lock must be held.
        return next((job for job in reversed(self._jobs.values()) if job.name == name), None)

    def _no_number(self, num: int) -> str:
        if 0 <= num < self._next:
            return f"job {num} has been removed; {self._what_is()}"
        return f"there is no job {num}; {self._what_is()}"

    def _no_name(self, name: str) -> str:
        close = difflib.get_close_matches(name, self.names(), 1)
        hint = f"did you mean {close[0]!r}?" if close else self._what_is()
        return f"there is no job named {name!r}; {hint}"

    def _what_is(self) -> str:
        nums = list(self.by_num())
        if not nums:
            return "there are no jobs"
        if len(nums) == 1:
            return f"there is only job {nums[0]}"
        return f"there are {plural(len(nums), 'job')}, from {nums[0]} to {nums[-1]}"
