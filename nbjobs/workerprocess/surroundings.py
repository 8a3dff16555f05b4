"""What a job's code finds around it in a worker: streams, and a shell where the kernel has one."""

from __future__ import annotations

import getpass
from types import SimpleNamespace

from ..remote import streams


def install(*, shell: bool) -> None:
    """Have the output of jobs caught; with `shell`, displays, figures and magics, too."""
    streams.install()
    if shell:
        _install_shell()


def _install_shell() -> None:
    # Only where the kernel has IPython, too: it takes longer to import than all else here.
    import builtins

    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    from .. import capture

    config = Config()
    # No file of history: nobody types here.
    config.HistoryManager.enabled = False
    made = InteractiveShell.instance(config=config)
    # Its presence says that pages, not a terminal, show what is displayed.
    vars(made)["kernel"] = SimpleNamespace(raw_input=input, getpass=getpass.getpass)
    vars(builtins)["get_ipython"] = made.get_ipython
    capture.install(made)
