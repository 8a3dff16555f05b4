"""The line on top of a job's output: what it is, how it is, how long it has taken."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from ..states import JobState
from ..text import one_line, seconds
from .text import progress_text

if TYPE_CHECKING:
    from ..job import Job

COLORS = {
    JobState.WAITING: "var(--jp-border-color0,#9e9e9e)",
    JobState.QUEUED: "var(--jp-border-color0,#9e9e9e)",
    JobState.RUNNING: "var(--jp-info-color1,#1e88e5)",
    JobState.KILLING: "var(--jp-warn-color1,#f57c00)",
    JobState.SUCCEEDED: "var(--jp-success-color1,#388e3c)",
    JobState.FAILED: "var(--jp-error-color1,#d32f2f)",
    JobState.TIMED_OUT: "var(--jp-error-color1,#d32f2f)",
    JobState.KILLED: "var(--jp-warn-color1,#f57c00)",
    JobState.CANCELLED: "var(--jp-border-color0,#9e9e9e)",
    JobState.SKIPPED: "var(--jp-border-color0,#9e9e9e)",
    JobState.LOST: "var(--jp-error-color1,#d32f2f)",
}

STYLE = (
    "<style>"
    ".nbjobs-head{display:flex;gap:.7em;align-items:center;box-sizing:border-box;width:100%;"
    "padding:2px 8px;overflow:hidden;white-space:nowrap;"
    "font:var(--jp-ui-font-size1,13px)/1.6 var(--jp-ui-font-family,system-ui,sans-serif);"
    "color:var(--jp-ui-font-color1,inherit)}"
    ".nbjobs-dot{flex:none;width:.65em;height:.65em;border-radius:50%}"
    ".nbjobs-live{animation:nbjobs-pulse 1.6s ease-in-out infinite}"
    "@keyframes nbjobs-pulse{50%{opacity:.3}}"
    "@media (prefers-reduced-motion:reduce){.nbjobs-live{animation:none}}"
    ".nbjobs-time{font-variant-numeric:tabular-nums;color:var(--jp-ui-font-color2,inherit)}"
    ".nbjobs-what{flex:1;min-width:0;overflow:hidden;text-overflow:ellipsis;"
    "font-family:var(--jp-code-font-family,monospace);font-size:.92em;"
    "color:var(--jp-ui-font-color2,inherit)}"
    ".nbjobs-bar{flex:none;width:7em;height:.4em;border-radius:.2em;overflow:hidden;"
    "background:var(--jp-layout-color3,#bdbdbd)}"
    ".nbjobs-bar>i{display:block;height:100%;background:var(--jp-brand-color1,#1e88e5)}"
    ".nbjobs-more{flex:none;border:0;padding:0 .3em;background:none;color:inherit;opacity:.5;"
    "font:inherit;cursor:pointer}.nbjobs-more:hover,.nbjobs-more:focus{opacity:1}"
    # Reversed, a column is scrolled to its end and stays there while it grows.
    ".nbjobs-live-panel{display:flex;flex-direction:column-reverse;overflow-anchor:none}"
    ".nbjobs-live-panel>.jp-OutputArea{flex:none;overflow:visible}"
    ".nbjobs-live-panel .jp-OutputArea-child:has(.nbjobs-head){position:sticky;top:0;z-index:1;"
    "background:var(--jp-layout-color0,#fff)}"
    ".nbjobs-open.nbjobs-live-panel,.nbjobs-open>.nbjobs-body{max-height:none!important}"
    "</style>"
)

MORE = (
    '<button class="nbjobs-more" type="button" data-lm-suppress-shortcuts="true"'
    ' title="Show all or a part" aria-label="Show all or a part of the output" onclick="'
    "this.closest('.nbjobs-live-panel,.nbjobs-panel').classList.toggle('nbjobs-open')"
    '">&#x2195;</button>'
)

# One clock for the page, started by the first header that it shows. It counts on from what the
# kernel last said, so the two machines' clocks need not agree, and a quiet job costs no message.
CLOCK = (
    "<script>window.nbjobsClock=window.nbjobsClock||setInterval(()=>{"
    "for(const e of document.querySelectorAll('[data-nbjobs-elapsed]')){"
    "const n=performance.now()/1000;e.nbjobsT??=n-e.dataset.nbjobsElapsed;"
    "const s=Math.round(n-e.nbjobsT),m=Math.floor(s/60),p=x=>String(x).padStart(2,'0');"
    "e.textContent=s<60?s+' s':m<60?m+':'+p(s%60):Math.floor(m/60)+':'+p(m%60)+':'+p(s%60)}"
    "},1000)</script>"
)


def header_text(job: Job, note: str = "") -> str:
    """The header as one line of text."""
    time = seconds(job.elapsed) if job.state.started else ""
    words = [f"[{job.num}]", str(job.state), time, progress_text(job.progress), note, job.label]
    return "  ".join(word for word in words if word)


def header_html(job: Job, note: str = "", *, ticking: bool = False) -> str:
    """The header as HTML.

    Args:
        job: Whose header.
        note: Something to be said about it.
        ticking: Count the time on in the browser; needs a place where scripts run.
    """
    state = job.state
    live = state in (JobState.RUNNING, JobState.KILLING)
    pulse = " nbjobs-live" if live else ""
    time = ""
    if state.started:
        count = f' data-nbjobs-elapsed="{job.elapsed:.1f}"' if live and ticking else ""
        time = f'<span class="nbjobs-time"{count}>{seconds(job.elapsed)}</span>'
    first, _, more = job.source.strip().partition("\n")
    what = html.escape(one_line(first, 200) + (" …" if more else ""))
    name = f" {html.escape(job.name)}" if job.name else ""
    noted = f'<span class="nbjobs-time">{html.escape(note)}</span>' if note else ""
    return (
        f'{STYLE}<div class="nbjobs-head">'
        f'<span class="nbjobs-dot{pulse}" style="background:{COLORS[state]}"></span>'
        f"<b>[{job.num}]{name}</b><span>{state}</span>{time}"
        f"{_bar(job)}"
        f'<span class="nbjobs-what" title="{html.escape(job.source[:2000])}">{what}</span>'
        f"{noted}"
        f"{MORE}</div>{CLOCK if live and ticking else ''}"
    )


def _bar(job: Job) -> str:
    progress = job.progress
    words = progress_text(progress)
    if not words:
        return ""
    label = f'<span class="nbjobs-time">{html.escape(words)}</span>'
    fraction = progress.fraction
    if fraction is None:
        return label
    return f'<span class="nbjobs-bar"><i style="width:{fraction:.0%}"></i></span>{label}'
