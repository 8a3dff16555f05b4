"""The one place where IPython's own job manager is imported.

`JobManager` is a subclass of it, so that `isinstance` checks and code written for it go on
working; nothing of it runs. Everything above this line works, and is tested, without a shell.
"""

from __future__ import annotations

from IPython.lib.backgroundjobs import BackgroundJobManager

__all__ = ["BackgroundJobManager"]
