"""Whether a kill during an import breaks the module for those who import it afterwards.

Each kill is made in a fresh process, at a random moment of its imports; `--count N` sets how many.
"""

from __future__ import annotations

import argparse
import platform
import random
import subprocess
import sys
import time

MODULES = "numpy, email.mime.multipart, xml.dom.minidom, http.cookiejar, unittest.mock, sqlite3"
CODE = f"""
import sys, threading, time
from nbjobs import killing
killing.install()
gate = killing.Gate()
begun = threading.Event()
def work():
    begun.set()
    for name in "{MODULES}".split(", "):
        __import__(name)
    while True:
        pass
thread = threading.Thread(target=gate.run, args=(work,))
before = set(sys.modules)
thread.start()
begun.wait()
time.sleep(float(sys.argv[1]))
killing.kill(gate)
thread.join(20)
assert not thread.is_alive(), killing.blocked_in(gate)
half = len(set(sys.modules) - before)
import {MODULES}
assert numpy.arange(3).sum() == 3 and unittest.mock.Mock and xml.dom.minidom.parseString
assert sqlite3.connect(":memory:").execute("select 1").fetchone() == (1,)
killing.uninstall()
print(half, len(set(sys.modules) - before))
"""


def main() -> None:
    """Kill and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    count = parser.parse_args().count
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {MODULES}"], check=True)
    length = time.perf_counter() - begun
    broken = within = 0
    for _ in range(count):
        command = [sys.executable, "-c", CODE, str(random.random() * length)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if run.returncode:
            broken += 1
            print(run.stderr, file=sys.stderr)
        else:
            imported, all_of_them = map(int, run.stdout.split())
            within += imported < all_of_them
    print(
        f"Python {platform.python_version()}: {count} kills during imports, {within} of them before"
        f" the last module: {broken} broke an import"
    )
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
