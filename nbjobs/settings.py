"""What can be set by `%config NbJobs.name = value`, or by `c.NbJobs.name` in a config file."""

from __future__ import annotations

from traitlets import Enum, Float, Int
from traitlets.config import Configurable


class NbJobs(Configurable):
    """Settings of nbjobs."""

    report = Enum(
        ("all", "dead", "none"),
        default_value="all",
        help="""Which jobs to report in a line at the next prompt when they have ended without
        your noticing: 'all', only the 'dead' ones, or 'none'.""",
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
