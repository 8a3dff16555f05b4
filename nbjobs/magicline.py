"""The options of `%job`, and how they are cut off a line whose rest must stay as it was typed."""

from __future__ import annotations

import re
from argparse import SUPPRESS, Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic_arguments import MagicArgumentParser, argument

from .text import one_line

# A word, in which quotes protect spaces, and the white space after it.
_WORD = re.compile(r"""((?:[^\s"']|"[^"]*"|'[^']*')+)\s*""")


@dataclass(frozen=True)
class Option:
    """One option of `%job`; `long` without its dashes is also a keyword of `jobs.options`."""

    short: str | None
    long: str
    help: str
    metavar: str | None = None
    type: Callable[[str], Any] | None = None

    @property
    def declaration(self) -> tuple[tuple[str, ...], dict[str, Any]]:
        """The arguments of `add_argument`."""
        # What was not typed is left to the defaults of `Options`.
        keywords: dict[str, Any] = {"help": self.help, "default": SUPPRESS}
        if self.metavar is None:
            keywords["action"] = "store_true"
        else:
            keywords["metavar"] = self.metavar
            if self.type is not None:
                keywords["type"] = self.type
        return self.flags, keywords

    @property
    def flags(self) -> tuple[str, ...]:
        """The ways to write it."""
        return (self.long,) if self.short is None else (self.short, self.long)


OPTIONS = (
    Option("-n", "--name", "A name to call the job by, here and in %%jobs.", "NAME"),
    Option("-t", "--timeout", "Kill the job, or an attempt, after so long.", "SECONDS", float),
    Option("-a", "--after", "Start when these have ended: --after 3,crawl,5-9.", "JOBS"),
    Option(None, "--when", "How they must end: success, done or failure.", "HOW"),
    Option(None, "--any", "One of those that --after names is enough."),
    Option("-q", "--queue", "Run one at a time, in order, with others of that queue.", "NAME"),
    Option("-r", "--retries", "When it fails, try again up to so many times.", "N", int),
    Option(None, "--retry-on", "Only after these errors: --retry-on OSError,KeyError.", "ERRORS"),
    Option(None, "--retry-delay", "The first pause, which doubles each time; 1.", "SECONDS", float),
    Option(None, "--every", "Run again and again, so far apart, until killed.", "SECONDS", float),
    Option("-o", "--on", "Run on another engine: process, asyncio, inline, ...", "ENGINE"),
    Option(None, "--export", "Names to bring back from there: --export model,losses.", "NAMES"),
    Option("-w", "--wait", "Wait for the job to end; interrupting that leaves it running."),
    Option("-s", "--silent", "No live panel, and no line at the prompt if it succeeds."),
    Option("-N", "--notify", "Have the browser or the terminal's bell tell of its end."),
)

_BY_FLAG: Mapping[str, Option] = {flag: option for option in OPTIONS for flag in option.flags}
FLAGS = tuple(_BY_FLAG)


def declare(function: Any) -> Any:
    """Decorate a magic with all options; `magic_arguments()` goes above this."""
    for option in reversed(OPTIONS):
        flags, keywords = option.declaration
        function = argument(*flags, **keywords)(function)
    return function


def parse(parser: MagicArgumentParser, line: str) -> tuple[Namespace, str]:
    """Cut the options off `line`.

    Options stand first; `--` ends them, and so does the first word that does not begin with a
    dash. What follows is returned letter by letter.

    Returns:
        The parsed options, and the rest of the line.

    Raises:
        UsageError: An option is unknown, lacks its value, or has one that makes no sense.
    """
    argv: list[str] = []
    rest = line.lstrip()
    while rest.startswith("-"):
        word, rest = _next_word(rest)
        if word == "--":
            break
        flag, equals, value = word.partition("=")
        option = _BY_FLAG.get(flag)
        if option is None:
            raise UsageError(_unknown(word, line))
        if option.metavar is None:
            if equals:
                raise UsageError(f"{flag} takes no value, but was given {value!r}")
            argv.append(option.long)
            continue
        if not equals:
            if not rest:
                raise UsageError(f"{flag} needs a value: {flag} {option.metavar}")
            value, rest = _next_word(rest)
        argv.append(f"{option.long}={_unquote(value)}")
    return parser.parse_args(argv), rest


def _next_word(text: str) -> tuple[str, str]:
    found = _WORD.match(text)
    if found is None:
        raise UsageError(f"a quote is not closed: {one_line(text)}")
    return found[1], text[found.end() :]


def _unquote(word: str) -> str:
    return re.sub(r""""([^"]*)"|'([^']*)'""", lambda quoted: quoted[1] or quoted[2] or "", word)


def _unknown(word: str, line: str) -> str:
    close = get_close_matches(word, [flag for flag in FLAGS if flag.startswith("--")], 1)
    hint = f"did you mean {close[0]}?" if close else f"the options are {', '.join(FLAGS)}."
    return (
        f"unknown option {word}: {hint} If it begins the expression, put -- before it: "
        f"%job -- {one_line(line.strip())}"
    )
