"""What a job needs elsewhere, packed: its code or its call, and just the names that it uses."""

from __future__ import annotations

import linecache
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from .. import resultref
from ..coderun import CodeRun
from ..exceptions import JobError, NotPicklable
from ..text import bytes_text, type_name
from . import culprits, names, parcel
from .inputs import Input

if TYPE_CHECKING:
    from ..task import Task


LARGE = 100 * 2**20
"""From how many bytes on the user is told before they are sent."""


@runtime_checkable
class _Call(Protocol):
    def parts(self) -> tuple[Any, tuple[Any, ...], dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Cargo:
    """What is to travel, not pickled yet: names keep the values that they had when it was made.

    Attributes:
        kind: "call" or "code".
        work: The function and its arguments; or the code.
        namespace: Where code finds its names: that of the user.
        values: Those names that it uses.
        export: The names to bring back.
        spare: Those of the names that the code assigns itself.
    """

    kind: str
    work: Any
    namespace: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    export: tuple[str, ...] = ()
    spare: frozenset[str] = frozenset()

    @classmethod
    def of(cls, task: Task, export: tuple[str, ...] = ()) -> Cargo:
        """What a task needs.

        Raises:
            JobError: It cannot run elsewhere.
        """
        call = task.call
        if isinstance(call, CodeRun):
            if call.assigns:
                raise JobError(
                    "only plain names can be assigned from another process, as in x = f(): "
                    "an item or an attribute would be assigned in a copy"
                )
            namespace = {**call.glob, **call.namespace}
            values = names.used(call.codes, namespace)
            spare = frozenset(names.assigned(call.codes))
            return cls("code", call.codes, call.glob, values, export, spare)
        if export:
            raise JobError("export is for code: a function's names are its own. Return the values")
        if isinstance(call, partial):
            return cls("call", (call.func, call.args, call.keywords))
        if isinstance(call, _Call):
            return cls("call", call.parts())
        raise JobError(f"{task.source} cannot run in another process")

    @classmethod
    def of_map(cls, function: Any, *, spread: bool) -> Cargo:
        """The function of a map, whose items follow; with `spread`, each holds its arguments."""
        return cls("map", (function, spread))

    def pack(self, num: int) -> parcel.Parcel:
        """Pickle it, for the job of that number.

        Results of other jobs that are elsewhere are brought here first.

        Raises:
            NotPicklable: Something in it cannot be pickled; says what.
            JobError: The result of another job is lost.
        """
        if self._refs:
            return self.brought().pack(num)
        try:
            return self._dump(num, self.values)
        except Exception as error:
            # A name that the code assigns before it reads it, such as the file of `with open(...)
            # as f`, is not needed: whether that is so cannot be told from here.
            values = {
                name: value
                for name, value in self.values.items()
                if name not in self.spare or parcel.fails(value) is None
            }
            if len(values) < len(self.values):
                return Cargo(self.kind, self.work, self.namespace, values, self.export).pack(num)
            raise NotPicklable(culprits.explain(self.kind, self.work, values, error)) from error

    @property
    def elsewhere(self) -> list[resultref.ResultRef]:
        """The arguments that are results of other jobs, and not here."""
        return [each for each in self._refs if not each.near]

    def brought(self) -> Cargo:
        """The same with all arguments here.

        Raises:
            JobError: The result of another job is lost.
        """
        return replace(self, work=self._changed(resultref.read))

    def entrusted(self, take: Callable[[resultref.ResultRef], Any]) -> tuple[Cargo, list[Any]]:
        """Leave arguments to the cluster that has them.

        Args:
            take: What the cluster knows a result by; None if it does not have it.

        Returns:
            What is still to be packed, and what the cluster has, in the order of the `Input`s.
        """
        taken: list[Any] = []
        if not self._refs:
            return self, taken

        def replaced(value: Any) -> Any:
            known = take(value) if isinstance(value, resultref.ResultRef) else None
            if known is None:
                return value
            taken.append(known)
            return Input(len(taken) - 1)

        return replace(self, work=self._changed(replaced)), taken

    def warning(self, size: int) -> str:
        """What to tell the user before so many bytes are sent; nothing for few."""
        if size < LARGE:
            return ""
        parts = culprits.parts_of(self.kind, self.work, self.values)
        name, most = max(((n, culprits.weight(v)) for n, v in parts), key=lambda part: part[1])
        return (
            f"nbjobs: sending {bytes_text(size)} to another process, of which {name} is "
            f"{bytes_text(most)}: that is copied, and takes its time\n"
        )

    @property
    def _refs(self) -> list[resultref.ResultRef]:
        return resultref.among(*self.work[1:]) if self.kind == "call" else []

    def _changed(self, change: Callable[[Any], Any]) -> tuple[Any, ...]:
        function, args, kwargs = self.work
        changed = tuple(change(each) for each in args)
        return function, changed, {name: change(value) for name, value in kwargs.items()}

    def _dump(self, num: int, values: dict[str, Any]) -> parcel.Parcel:
        work = self._changed(parcel.apart) if self.kind == "call" else self.work
        own = {name: parcel.apart(value) for name, value in values.items()}
        body = {"values": own, "kind": self.kind, "work": work, "export": self.export}
        packed = parcel.dump(body, (self.namespace, own))
        files = packed.files | (
            {c.co_filename for c in self.work} if self.kind == "code" else set()
        )
        sources = {file: lines for file in files if (lines := _source(file))}
        # In front, with builtin types only: whatever happens when the rest is unpickled, the worker
        # can then show the lines of code that is in no file.
        head = pickle.dumps({"num": num, "sources": sources, "versions": parcel.VERSIONS})
        return parcel.Parcel(head + packed.data, packed.buffers, files)


def cargo(job: Any) -> Cargo:
    """What `job` needs elsewhere, as its names are now.

    Raises:
        JobError: It cannot run elsewhere.
    """
    work = getattr(job, "work", None)
    if work is not None:
        return Cargo.of_map(work.function, spread=work.spread)
    return Cargo.of(job.task, job.options.export)


def portions(
    pairs: list[tuple[int, Any]],
) -> Iterator[tuple[list[tuple[int, Any]], parcel.Parcel | NotPicklable]]:
    """Pack the items of a map's portion: together, or if one of them cannot be, each by itself."""
    try:
        yield pairs, parcel.dump([row for _, row in pairs])
    except Exception as error:
        if len(pairs) > 1:
            for pair in pairs:
                yield from portions([pair])
            return
        what = f"item {pairs[0][0]} ({type_name(type(pairs[0][1]))})"
        yield pairs, NotPicklable(f"{what} cannot be sent to another process: {error}")


def surroundings() -> dict[str, Any]:
    """Where modules and files are found; for a worker on this machine."""
    try:
        folder = os.getcwd()
    except OSError:  # It has been removed.
        folder = os.sep
    return {"path": list(sys.path), "folder": folder}


def _source(file: str) -> list[str]:
    """The lines of a file that is no file, as IPython keeps those of cells."""
    entry = linecache.cache.get(file)
    return list(entry[2]) if entry is not None and len(entry) > 1 and entry[1] is None else []
