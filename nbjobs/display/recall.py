"""A job's output, shown again: in full, in the running cell or the terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..capture.entries import publishable
from ..capture.folding import fold
from ..capture.views import Cursor
from ..jobevents import JobEvent
from .header import header_html, header_text

if TYPE_CHECKING:
    from ..job import Job

Output = dict[str, Any]
Subscribe = Callable[[Callable[[JobEvent], object]], Callable[[], None]]


class Recall:
    """Shows outputs through the streams and the display publisher of `shell`.

    That way they belong to the running cell, look as they would have there, and are saved with it.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def show(self, job: Job) -> None:
        """Show everything that is kept of the job's output, below its header."""
        self.header(job)
        self.outputs(job.recorder.outputs)

    def header(self, job: Job) -> None:
        """Show the job's header as it is now."""
        if hasattr(self._shell, "kernel"):
            self._publish({"text/html": header_html(job), "text/plain": header_text(job)}, {})
        else:
            print(header_text(job))

    def outputs(self, outputs: list[Output]) -> None:
        """Show outputs in their order."""
        for output in outputs:
            match output:
                case {"output_type": "stream", "name": name, "text": text}:
                    self._write(name, text)
                case {"output_type": "error", "traceback": lines}:
                    # To stderr, and no error of this cell: it has not failed.
                    self._write("stderr", "\n".join(lines) + "\n")
                case {"data": data}:
                    self._publish(data, output.get("metadata", {}))

    def follow(self, job: Job, subscribe: Subscribe) -> None:
        """Show the job's output, and go on until it has ended; an interrupt stops that."""
        news = threading.Event()
        unsubscribe = subscribe(lambda event: news.set() if event.job is job else None)
        try:
            cursor = Cursor()
            while True:
                ended = job.state.finished
                news.clear()
                job.recorder.take()
                found = job.recorder.since(cursor)
                cursor = found.cursor
                self.outputs(found.outputs)
                sys.stdout.flush()
                if ended:
                    return
                # Looked at again after a while: an event may come before it is cleared.
                news.wait(0.5)
        finally:
            unsubscribe()

    def _write(self, name: str, text: str) -> None:
        stream = sys.stderr if name == "stderr" else sys.stdout
        in_page = hasattr(self._shell, "kernel")
        stream.write(str(publishable(text if in_page else fold(text))))

    def _publish(self, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self._shell.display_pub.publish(data=data, metadata=metadata)
