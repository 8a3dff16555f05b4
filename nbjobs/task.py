"""What a job is to do, and how it is to be treated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Protocol

from .coderun import CodeRun
from .optionchecks import (
    check_condition,
    check_count,
    check_engine,
    check_export,
    check_name,
    check_seconds,
    exception_classes,
)
from .text import call_name, short_repr


class Inputs(Protocol):
    """The arguments of a call some of which are jobs, to be replaced by their results."""

    @property
    def jobs(self) -> tuple[Any, ...]:
        """The jobs (`nbjobs.job.Job`) whose results are missing; Any, for this layer is below."""

    def fill(self, num: int, value: Any) -> None:
        """Job `num` has succeeded with `value`."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to run.

    Attributes:
        call: Does the work; what it returns is the job's result.
        source: What the user wrote, or the function's name.
        commit: Called with the result once the job can no longer be killed, before it counts as
            succeeded. Must be quick and unable to fail.
        code_only: Whether `call` holds nothing but code and a namespace that lives anyway, so that
            keeping it for a rerun costs nothing.
        inputs: What `call` still has to be given: the results of other jobs. None for nothing.
    """

    call: Callable[[], Any]
    source: str
    commit: Callable[[Any], None] | None = None
    code_only: bool = False
    inputs: Inputs | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a job: of `%job` and of `JobManager.options` alike.

    Attributes:
        name: A name to call the job by; no two unfinished jobs share one.
        timeout: The time limit in seconds, for each attempt; None for none.
        wait: Wait for the job to end before going on.
        silent: No live panel, and no line at the prompt when it succeeds.
        after: The jobs to wait for before it starts: a job, a number, a name, or several.
        when: How they have to end: "success", "done" (in any way) or "failure".
        any: Whether one of them is enough.
        queue: The queue to run in, by name; None for none.
        retries: How many times more to try when it fails or runs into its time limit.
        retry_on: The exceptions to do so for.
        retry_delay: The pause before the first retry in seconds; it doubles each time.
        every: Run again and again, starting so many seconds apart, until killed.
        notify: Have the browser, or the terminal's bell, tell of its end.
        on: The engine to run on: its name, or an executor; None for the default.
        export: Names to bring back from an engine that has a namespace of its own.
    """

    name: str | None = None
    timeout: float | None = None
    wait: bool = False
    silent: bool = False
    after: Any = None
    when: str = "success"
    any: bool = False
    queue: str | None = None
    retries: int = 0
    retry_on: type[Exception] | tuple[type[Exception], ...] = (Exception,)
    retry_delay: float = 1.0
    every: float | None = None
    notify: bool = False
    on: Any = None
    export: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_name(self.name)
        check_name(self.queue, "queue")
        check_seconds(self.timeout, "a timeout")
        check_seconds(self.retry_delay, "the delay of a retry")
        check_seconds(self.every, "the interval of a repeated job")
        check_condition(self.when)
        check_count(self.retries, "the number of retries", 0)
        check_engine(self.on)
        object.__setattr__(self, "export", check_export(self.export))
        object.__setattr__(self, "retry_on", exception_classes(self.retry_on))

    @classmethod
    def of(cls, options: dict[str, Any]) -> Options:
        """The options given as keywords.

        Raises:
            TypeError, ValueError: One is unknown, or its value makes no sense.
        """
        unknown = set(options) - set(cls.names())
        if unknown:
            raise TypeError(
                f"unknown option {min(unknown)!r}; the options are {', '.join(cls.names())}"
            )
        return cls(**options)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of all options."""
        return tuple(field.name for field in fields(cls))


NO_OPTIONS = Options()
"""Made once: most jobs have none, and checking them takes longer than starting the job."""


def function_task(function: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Task:
    """The task that calls a function.

    Raises:
        TypeError: It cannot be called.
    """
    if not callable(function):
        raise TypeError(
            f"a job runs a function or an expression in a string, not {short_repr(function)}"
        )
    return Task(partial(function, *args, **kwargs), call_name(function))


def expression_task(
    source: str, glob: dict[str, Any], loc: Mapping[str, Any] | None = None, *more: object
) -> Task:
    """The task that evaluates an expression.

    Args:
        source: The expression.
        glob: Its global names.
        loc: Its local names, if they are others.
        *more: Nothing.

    Raises:
        SyntaxError: It is not an expression.
        ValueError: There are more than two namespaces.
    """
    if more:
        raise ValueError("an expression takes at most two namespaces: globals and locals")
    code = compile(source.strip(), "<job>", "eval")
    namespace = glob if loc is None else loc
    return Task(CodeRun([code], glob, namespace), source, code_only=True)
