"""A job's output as one MIME bundle, which a saved notebook shows without a kernel."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..capture.entries import publishable
from ..capture.folding import fold
from . import ansi
from .header import header_html, header_text

if TYPE_CHECKING:
    from ..job import Job

Output = dict[str, Any]

_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_SHOWN = {"text/html", "image/svg+xml", "text/plain", *_IMAGES}
_ALSO_HTML = {"text/markdown", "text/latex"}
_PRE = "margin:0;padding:1px 8px;white-space:pre-wrap;overflow-wrap:anywhere"
_STDERR = "background:var(--jp-rendermime-error-background,#fdd)"
_BODY = "max-height:32em;overflow:auto"


def is_static(outputs: Iterable[Output]) -> bool:
    """Whether HTML alone shows all of it: nothing needs a renderer of its own, as widgets do."""
    return all(_is_static(set(output["data"])) for output in outputs if "data" in output)


def _is_static(kinds: set[str]) -> bool:
    as_html = bool(kinds & {"text/html", *_IMAGES})
    return kinds <= (_SHOWN | _ALSO_HTML if as_html else _SHOWN)


def static_bundle(job: Job, outputs: list[Output], note: str = "") -> dict[str, str]:
    """The job's panel as text and as HTML."""
    text = [header_text(job, note)]
    body = []
    for output in outputs:
        plain, rich = _both(output)
        text.append(plain.rstrip("\n"))
        body.append(rich)
    inner = f'<div class="nbjobs-body" style="{_BODY}">{"".join(body)}</div>' if body else ""
    bundle = {
        "text/plain": "\n".join(text),
        "text/html": f'<div class="nbjobs-panel">{header_html(job, note)}{inner}</div>',
    }
    return {mime: str(publishable(value)) for mime, value in bundle.items()}


def _both(output: Output) -> tuple[str, str]:
    """One output as plain text and as HTML."""
    match output:
        case {"output_type": "stream", "text": str(text), "name": name}:
            shown = fold(text)
            return ansi.plain(shown), _pre(shown, _STDERR if name == "stderr" else "")
        case {"output_type": "error", "traceback": list(lines)}:
            shown = "\n".join(lines)
            return ansi.plain(shown), _pre(shown, _STDERR)
        case {"data": dict(data)}:
            return _display(data)
    return "", ""


def _pre(text: str, style: str) -> str:
    return f'<pre style="{_PRE};{style}">{ansi.to_html(text)}</pre>'


def _display(data: dict[str, Any]) -> tuple[str, str]:
    plain = str(data.get("text/plain", ""))
    for mime in _IMAGES:
        if mime in data:
            source = "".join(str(data[mime]).split())
            alt = html.escape(ansi.plain(plain))
            return (
                plain,
                f'<img alt="{alt}" src="data:{mime};base64,{source}" style="max-width:100%">',
            )
    for mime in ("text/html", "image/svg+xml"):
        if mime in data:
            return plain, f'<div style="padding:1px 8px">{data[mime]}</div>'
    return plain, _pre(plain, "")
