"""Get upstream's test file, for the IPython that is installed.

IPython 8 installs its tests; later ones have them in the source distribution only, which pip gets
and this unpacks. Run it once before the tests, since those talk to nobody:
`python tests/support/upstream_fetch.py`.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

import IPython

NAME = "test_backgroundjobs.py"


def kept() -> Path:
    """Where the file is kept, one for each version of IPython."""
    cache = Path(__file__).parents[2] / ".pytest_cache" / "upstream"
    return cache / f"ipython-{version('ipython')}" / NAME


def find() -> Path | None:
    """The file, if it is here."""
    installed = Path(IPython.__file__).parent / "lib" / "tests" / NAME
    return next((path for path in (installed, kept()) if path.exists()), None)


def fetch() -> Path:
    """The file, which is got if it is not here."""
    path = find()
    if path is not None:
        return path
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"ipython=={version('ipython')}"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--no-binary", "ipython", "--dest", folder, wanted]
        subprocess.run(command, check=True, timeout=300)
        (archive,) = Path(folder).glob("*.tar.gz")
        with tarfile.open(archive) as source:
            (member,) = [m for m in source.getmembers() if m.name.endswith(f"/{NAME}")]
            content = source.extractfile(member)
            assert content is not None
            path = kept()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read())
    return path


if __name__ == "__main__":
    print(f"upstream's tests: {fetch()}")
