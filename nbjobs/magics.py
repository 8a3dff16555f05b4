"""`%job`, `%%job` and `%jobs`: they parse what was typed and hand it on."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import MagicArgumentParser, kwds, magic_arguments
from IPython.display import display

from .cells import cell_task, line_task
from .display.text import report_line, table
from .exceptions import JobError
from .job import Job
from .killing import KillResult
from .magicline import declare, parse
from .optionchecks import exceptions_named
from .task import Options, Task

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .manager import JobManager
    from .settings import NbJobs

_EXAMPLES = """
examples:
  %job fetch_titles(urls)                  an expression; the prompt is free at once
  j = %job fetch_titles(urls)              keep the Job: j.state, j.get(), j.kill()
  %job titles = fetch_titles(urls)         the name is assigned when the job has succeeded
  %job !make -j2 all                       a shell command, a magic, any one-line statement
  %job --name crawl --timeout 600 crawl()  options stand before the expression
  %job --after crawl parse(pages)          starts when job crawl has succeeded
  %job --queue db --retries 3 load()       one at a time in its queue, tried up to 4 times
  %job --every 60 rates = fetch_rates()    again and again until killed
  %job -- -x ** 2                          -- ends the options

A whole cell runs in the background with %%job on its first line: magics, !commands and await work
in it, and its last expression is the result. %jobs shows all jobs; %jobs? how to kill them.
"""


@magics_class
class JobMagics(Magics):
    """The magics of one shell and one manager."""

    shell: InteractiveShell

    def __init__(self, shell: InteractiveShell, manager: JobManager, settings: NbJobs) -> None:
        super().__init__(shell)
        self._manager = manager
        self._settings = settings

    @no_var_expand
    @magic_arguments()
    @kwds(
        usage="job [OPTIONS] [--] EXPRESSION   or   %%%%job [OPTIONS] on top of a cell",
        epilog=_EXAMPLES,
    )
    @declare
    @line_cell_magic
    def job(self, line: str, cell: str | None = None) -> Job:
        """Run code in the background, in this session's own namespace, and return its Job.

        The line is taken as it stands: nothing in it is expanded.
        """
        parser = cast(MagicArgumentParser, JobMagics.job.parser)
        parsed, code = parse(parser, line)
        try:
            values = vars(parsed)
            if "retry_on" in values:
                values["retry_on"] = exceptions_named(values["retry_on"], self.shell.user_ns)
            options = Options(**values)
            return self._manager.start(self._task(code, cell), options)
        except (JobError, TypeError, ValueError) as error:
            raise UsageError(str(error)) from None

    def _task(self, code: str, cell: str | None) -> Task:
        if cell is None:
            if not code.strip():
                raise UsageError(
                    "nothing to run: write an expression after %job and its options, "
                    "as in %job fetch(urls). %job? shows more"
                )
            return self._compiled(lambda: line_task(self.shell, code), code)
        if code.strip():
            raise UsageError(
                f"only options may follow %%job, not {code.strip()!r}: put the code below that line"
            )
        if not cell.strip():
            raise UsageError("nothing to run: the cell is empty below its %%job line")
        return self._compiled(lambda: cell_task(self.shell, cell), cell)

    def _compiled(self, make: Callable[[], Task], code: str) -> Task:
        try:
            return make()
        except SyntaxError as error:
            text = "".join(traceback.format_exception_only(error)).rstrip()
            raise UsageError(f"no job was made, because of a syntax error\n{text}") from None

    @no_var_expand
    @line_magic
    def jobs(self, line: str) -> Any:
        """Show the jobs, or do something with them.

        ::

          %jobs                     a table of all jobs; live in a notebook
          %jobs kill 3 crawl 5-9    end jobs: numbers, names, ranges, or all
          %jobs wait [JOBS]         wait until jobs have ended; all if none is named
          %jobs show JOBS           show their output again, live while they run
          %jobs show --follow JOB   show output as it comes, until the job has ended
          %jobs traceback [JOBS]    tracebacks; of all dead jobs if none is named
          %jobs rerun JOBS          start their work again, as new jobs
          %jobs graph [JOBS]        draw which jobs wait for which
          %jobs history [QUERY]     jobs of earlier sessions, too; -h lists what to ask for
          %jobs remove JOBS         remove jobs that have ended, and free their results
          %jobs flush               remove all jobs that have ended
        """
        verb, *words = _words(line)
        command = getattr(self, f"_do_{verb}", None) if verb.isalpha() else None
        if command is None:
            raise UsageError(f"%jobs cannot {verb!r}: it knows {', '.join(VERBS)}. See %jobs?")
        try:
            return command(*words)
        except (JobError, TypeError, ValueError) as error:
            raise UsageError(str(error)) from None

    def _do_list(self) -> None:
        jobs = list(self._manager)
        if hasattr(self.shell, "kernel"):
            display(self._manager.table())
        elif not jobs:
            print("No jobs. Start one with %job, as in %job fetch(urls).")
        else:
            print(table(jobs, color=self._in_color()))
        _notice(jobs)

    def _do_kill(self, *which: str) -> None:
        jobs = self._named("kill", which)
        results = self._manager.kill(*jobs, grace=self._settings.kill_grace)
        if set(results.values()) == {KillResult.TOO_LATE}:
            raise UsageError("; ".join(f"job {job.num} has ended: {job.summary()}" for job in jobs))
        for job in jobs:
            print(_fate(job, results[job.num]))
        _notice(jobs)

    def _do_wait(self, *which: str) -> None:
        jobs = self._manager.select(*which) if which else self._manager.running
        self._manager.wait(*jobs)
        for job in jobs:
            print(report_line(job))
        _notice(jobs)

    def _do_show(self, *which: str) -> None:
        follow = "--follow" in which
        jobs = self._named("show", tuple(word for word in which if word != "--follow"))
        for job in jobs:
            if follow:
                self._manager.follow(job)
            else:
                job.show()
        _notice(jobs)

    def _do_traceback(self, *which: str) -> None:
        for job in self._manager.select(*which) if which else self._manager.dead:
            job.traceback()

    def _do_rerun(self, *which: str) -> Job | list[Job]:
        again = [job.rerun() for job in self._named("rerun", which)]
        return again[0] if len(again) == 1 else again

    def _do_graph(self, *which: str) -> Any:
        drawn = self._manager.graph(*which)
        # A terminal shows no picture.
        if hasattr(self.shell, "kernel"):
            return drawn
        print(drawn)
        return None

    def _do_history(self, *query: str) -> None:
        # Here: who does not look back pays nothing for it.
        from .histories import asked

        found = asked(self._manager, query)
        if found is None:
            return
        if hasattr(self.shell, "kernel"):
            display(found)
        else:
            print(found)

    def _do_remove(self, *which: str) -> None:
        jobs = self._named("remove", which)
        running = [job.num for job in jobs if job.is_alive()]
        if running:
            raise UsageError(
                f"job {running[0]} has not ended and cannot be removed: kill it or wait for it"
            )
        for job in jobs:
            self._manager.remove(job)

    def _do_flush(self) -> None:
        self._manager.flush()

    def _in_color(self) -> bool:
        # A notebook shows a terminal's colours without being one.
        shown = sys.stdout.isatty() or hasattr(self.shell, "kernel")
        return shown and self.shell.colors.lower() != "nocolor"

    def _named(self, verb: str, which: tuple[str, ...]) -> list[Job]:
        if which == ("all",):
            return self._manager.running if verb == "kill" else list(self._manager)
        if not which:
            raise UsageError(f"which jobs? %jobs {verb} takes numbers, names, ranges or all")
        return self._manager.select(*which)


VERBS = tuple(name.removeprefix("_do_") for name in vars(JobMagics) if name.startswith("_do_"))
"""What may follow `%jobs`."""


def _words(line: str) -> list[str]:
    from shlex import split

    try:
        return split(line) or ["list"]
    except ValueError as error:
        raise UsageError(f"{error}: {line}") from None


def _fate(job: Job, result: KillResult) -> str:
    if result is KillResult.PENDING:
        where = job.blocked_in
        place = f" in {where}" if where else ""
        return f"job {job.num} has not ended yet: it hangs{place}, and ends as soon as that returns"
    late = " before the kill" if result is KillResult.TOO_LATE else ""
    return f"job {job.num} {job.summary()}{late}"


def _notice(jobs: list[Job]) -> None:
    for job in jobs:
        job.notice()
