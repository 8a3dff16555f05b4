"""Rich output: `display()`, updates, `clear_output` and tracebacks shown on the way.

The methods are replaced on the classes, not on the shell's publisher: `%%capture` puts a publisher
of another class in its place while it runs.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakValueDictionary

from ..context import current
from ..patches import Patches
from .presenting import message_of
from .recorder import Recorder

_shown_in: WeakValueDictionary[str, Recorder] = WeakValueDictionary()
"""The recorder that has the display of each display_id, for updates from anywhere."""


def install(patches: Patches, shell: Any) -> None:
    """Replace the publishers' methods and the shell's way to show a traceback."""
    from IPython.core.displaypub import CapturingDisplayPublisher, DisplayPublisher

    own = type(shell.display_pub)
    for cls in dict.fromkeys((own, DisplayPublisher, CapturingDisplayPublisher)):
        if "publish" in vars(cls):
            _publish(patches, cls)
        if "clear_output" in vars(cls):
            _clear_output(patches, cls)
    _showtraceback(patches, shell)


def _publish(patches: Patches, cls: Any) -> None:
    own_publish = cls.publish

    def publish(self: Any, data: Any, metadata: Any = None, *args: Any, **options: Any) -> Any:
        if patches.active and isinstance(data, dict) and isinstance(metadata, dict | None):
            display_id = (options.get("transient") or {}).get("display_id")
            if _record(data, metadata, display_id, update=bool(options.get("update"))):
                return None
        return own_publish(self, data, metadata, *args, **options)

    patches.replace(cls, "publish", publish)


def _record(data: Any, metadata: Any, display_id: str | None, *, update: bool) -> bool:
    """Send a display to its job; False if it is for no job."""
    job = current.get()
    if update and display_id is not None:
        # Where it was displayed decides, not who updates it. One that no job has displayed is
        # the user's: it goes the usual way, even from a job.
        recorder = _shown_in.get(display_id)
        return recorder is not None and recorder.update(display_id, data, metadata)
    if job is None:
        return False
    recorder = job.recorder
    captured = recorder.redirects.get("display")
    if captured:
        captured[-1].append(
            {
                "data": data,
                "metadata": metadata,
                "transient": {"display_id": display_id} if display_id else {},
                "update": False,
            }
        )
        return True
    if display_id is not None:
        _shown_in[display_id] = recorder
    recorder.display(data, metadata, display_id=display_id)
    return True


def _clear_output(patches: Patches, cls: Any) -> None:
    own_clear = cls.clear_output

    def clear_output(self: Any, wait: bool = False) -> Any:
        job = current.get() if patches.active else None
        if job is None:
            return own_clear(self, wait)
        captured = job.recorder.redirects.get("display")
        if captured:
            captured[-1].clear()
        else:
            job.recorder.clear(wait)
        return None

    patches.replace(cls, "clear_output", clear_output)


def _showtraceback(patches: Patches, shell: Any) -> None:
    # What fails inside display(), a repr for example, is shown and not raised.
    own_show = shell._showtraceback

    def show(etype: Any, evalue: Any, stb: list[str]) -> Any:
        job = current.get() if patches.active else None
        if job is None:
            return own_show(etype, evalue, stb)
        job.recorder.error(etype.__name__, message_of(evalue), stb)
        return None

    patches.replace(shell, "_showtraceback", show)
