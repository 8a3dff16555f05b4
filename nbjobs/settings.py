"""What can be set by `%config NbJobs.name = value`, or by `c.NbJobs.name` in a config file."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Enum, Float, Int, TraitError, Unicode, validate
from traitlets.config import Configurable

from .optionchecks import check_engine


class NbJobs(Configurable):
    """Settings of nbjobs."""

    report = Enum(
        ("all", "dead", "none"),
        default_value="all",
        help="""Which jobs to report in a line at the next prompt when they have ended without
        your noticing: 'all', only the 'dead' ones, or 'none'.""",
    ).tag(config=True)

    executor = Unicode(
        "thread",
        help="""The engine of jobs that name none; anything that --on may name.""",
    ).tag(config=True)

    processes = Int(
        0,
        min=0,
        help="""How many worker processes, engines or Dask workers are started here; 0 for one
        per processor.""",
    ).tag(config=True)

    cluster_timeout = Float(
        10.0,
        min=0.1,
        help="""How long, in seconds, to wait for a cluster (ipyparallel, Dask) that should be
        there.""",
    ).tag(config=True)

    kill_grace = Float(
        5.0,
        min=0.0,
        help="""How long, in seconds, `%jobs kill` waits for jobs to end before it says what they
        hang in. They are killed all the same as soon as that is possible.""",
    ).tag(config=True)

    shield_limit = Float(
        60.0,
        min=0.0,
        help="""How long, in seconds, `with nbjobs.shield():` may hold a kill off.""",
    ).tag(config=True)

    output_head = Int(
        65536,
        min=0,
        help="""How many characters of a job's text are kept from its start.""",
    ).tag(config=True)

    output_tail = Int(
        262144,
        min=16384,
        help="""How many characters of a job's text are kept up to its end.""",
    ).tag(config=True)

    output_rich = Int(
        100,
        min=1,
        help="""How many rich outputs (displays, values, errors) of a job are kept: the newest.""",
    ).tag(config=True)

    panel = Enum(
        ("widget", "html"),
        default_value="widget",
        help="""What a running job's panel is: a 'widget', which comes back when the page is loaded
        again, or 'html', which works where widgets do not.""",
    ).tag(config=True)

    panel_chars = Int(
        8192,
        min=256,
        help="""How many characters of its newest output a running job's panel shows.""",
    ).tag(config=True)

    notify_after = Float(
        0.0,
        min=0.0,
        help="""Notify when a job has ended that took as many seconds or more: by the browser, or
        by the terminal's bell. 0 for none; see also `%job --notify`.""",
    ).tag(config=True)

    panels_per_cell = Int(
        20,
        min=0,
        help="""How many panels a cell gets that starts many jobs; the output of the others is
        kept, too, and `%jobs show` shows it.""",
    ).tag(config=True)

    headless_wait = Float(
        20.0,
        min=0.0,
        help="""How long, in seconds, the last cell waits for running jobs when a notebook is run
        without a user, as by nbconvert, so that their output is saved. Where the last cell cannot
        be told from others each of them waits, for the same job half as long every time.""",
    ).tag(config=True)

    journal = Bool(
        True,
        help="""Whether jobs are kept on disk, with their output and results, so that
        `%jobs history` has them after a restart or a crash.""",
    ).tag(config=True)

    journal_path = Unicode(
        "",
        help="""The file they are kept in; if empty, nbjobs.sqlite in the profile's folder.""",
    ).tag(config=True)

    journal_result_size = Int(
        1048576,
        min=0,
        help="""The largest result that is kept as a value, in bytes when pickled; of larger ones
        the type and a short form are. 0 keeps no values.""",
    ).tag(config=True)

    journal_days = Float(
        90.0,
        min=0.0,
        help="""How many days jobs are kept.""",
    ).tag(config=True)

    journal_size = Float(
        512.0,
        min=1.0,
        help="""How large the file may grow, in megabytes, before the oldest jobs go.""",
    ).tag(config=True)

    @validate("executor")
    def _check_executor(self, proposal: Any) -> str:
        name: str = proposal["value"]
        try:
            check_engine(name)
        except ValueError as error:
            raise TraitError(str(error)) from None
        return name
