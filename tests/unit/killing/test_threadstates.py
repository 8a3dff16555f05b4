"""Looking at all threads while they begin and end, and while garbage is collected."""

from __future__ import annotations

import gc
import subprocess
import sys

CODE = """
import gc, threading, time
from nbjobs.killing.threadstates import current_exceptions, current_frames

# A collection at nearly every allocation, which runs Python code that lets go of the interpreter.
gc.set_threshold(1, 1000, 1000)
main = threading.get_ident()
gc.callbacks.append(lambda phase, info: threading.get_ident() == main and time.sleep(0.0001))

def come_and_go():
    # Looking at a frame for the first time allocates an object for it: these are ever new.
    for _ in range(40):
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()

makers = [threading.Thread(target=come_and_go) for _ in range(4)]
for maker in makers:
    maker.start()
while any(maker.is_alive() for maker in makers):
    assert main in current_frames()
    current_exceptions()
assert gc.isenabled()
print("never hung")
"""


def test_it_never_hangs() -> None:
    """Neither waits for the other, which plain `sys._current_frames` does before 3.11.9."""
    run = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.stdout, run.stderr) == ("never hung\n", "")


def test_the_collector_is_left_as_it_was() -> None:
    """Switched off stays switched off, switched on stays switched on."""
    from nbjobs.killing.threadstates import current_frames

    assert gc.isenabled()
    current_frames()
    assert gc.isenabled()
    gc.disable()
    try:
        current_frames()
        assert not gc.isenabled()
    finally:
        gc.enable()
