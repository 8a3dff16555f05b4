"""Compiled code and the namespace it runs over."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

VALUE = "<value>"
"""Stands for the value to be assigned; no name that code could spell."""


@dataclass(frozen=True, slots=True)
class CodeRun:
    """Runs code objects over a namespace; calling it returns the value of the last expression.

    Attributes:
        codes: The code, in pieces that run one after the other.
        glob: The global names.
        namespace: The local names, which are mostly the same.
    """

    codes: list[CodeType]
    glob: dict[str, Any]
    namespace: Mapping[str, Any]

    @property
    def awaits(self) -> bool:
        """Whether there is an `await` at the top level."""
        return any(code.co_flags & inspect.CO_COROUTINE for code in self.codes)

    @property
    def assigns(self) -> bool:
        """Whether a value is assigned to something that is no plain name."""
        return any(VALUE in code.co_names for code in self.codes)

    def __call__(self) -> Any:
        if self.awaits:
            with asyncio.Runner() as runner:
                return runner.run(self.run_async())
        value = None
        for code in self.codes:
            value = self._step(code, value)
        return value

    async def run_async(self) -> Any:
        """The same in the running event loop."""
        value = None
        for code in self.codes:
            result = self._step(code, value)
            value = await result if code.co_flags & inspect.CO_COROUTINE else result
        return value

    def _step(self, code: CodeType, value: Any) -> Any:
        if VALUE not in code.co_names:
            return eval(code, self.glob, self.namespace)
        assert isinstance(self.namespace, MutableMapping)
        eval(code, self.glob, _WithValue(self.namespace, value))
        return value


@dataclass
class _WithValue(MutableMapping[str, Any]):
    """A namespace that also knows the value to be assigned."""

    namespace: MutableMapping[str, Any]
    value: Any = field(repr=False)

    def __getitem__(self, name: str) -> Any:
        return self.value if name == VALUE else self.namespace[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.namespace[name] = value

    def __delitem__(self, name: str) -> None:
        del self.namespace[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.namespace)

    def __len__(self) -> int:
        return len(self.namespace)
