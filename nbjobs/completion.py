"""What Tab offers after `%job` and `%jobs`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from IPython.core.error import TryNext

from .engines import ENGINES
from .magicline import FLAGS
from .magics import VERBS

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .manager import JobManager

_START = r"\s*(?:[^=%!]+=\s*)?"
_JOB = _START + r"%%?job\s"
_JOBS = _START + r"%jobs\s"


def install(shell: InteractiveShell, manager: JobManager) -> Callable[[], None]:
    """Offer completions in `shell`.

    Returns:
        A function that undoes it.
    """

    def job(_: Any, event: Any) -> list[str]:
        before = event.text_until_cursor[: -len(event.symbol) or None]
        # Options stand first: once something else has been typed, names are to be completed.
        words = re.sub(_JOB, "", before, count=1).split()
        if re.search(r"\s(-o|--on)[ =]\s*$", before):
            return list(ENGINES)
        if event.symbol.startswith("-") and "--" not in words:
            return [flag for flag in FLAGS if flag not in words]
        # The expression: by itself the completer finds no names right after a magic.
        find = shell.Completer.attr_matches if "." in event.symbol else None
        names = (find or shell.Completer.global_matches)(event.symbol)
        if not names:
            raise TryNext
        return list(names)

    def jobs(_: Any, event: Any) -> list[str]:
        before = event.text_until_cursor[: -len(event.symbol) or None]
        if not re.sub(_JOBS, "", before, count=1).split():
            return list(VERBS)
        return [*(str(job.num) for job in manager), *manager.names()]

    shell.set_hook("complete_command", job, re_key=_JOB)
    shell.set_hook("complete_command", jobs, re_key=_JOBS)

    def undo() -> None:
        dispatcher = shell.strdispatchers["complete_command"]
        for pattern in (_JOB, _JOBS):
            dispatcher.regexs.pop(re.compile(pattern), None)

    return undo
