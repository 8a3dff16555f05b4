"""What jobs' output costs: four figures, each measured in a real kernel beside what it is held to.

- a print in a job, beside a print in a plain thread without nbjobs
- the user's own print with nbjobs loaded, beside the same without
- the kernel's processor time while ten jobs print 20 lines a second each, and nothing else runs
- what is sent to the front end while one job prints 100 MB

Prints one line for each, and ends with 1 if a limit is missed.
"""

from __future__ import annotations

import ast
import json
import statistics
import sys
import time
from queue import Empty
from typing import Any

from jupyter_client.manager import KernelManager

LIMIT = 300.0
ROUNDS = 7

SETUP = """
import threading, time
def prints(count=4000):
    start = time.perf_counter()
    for _ in range(count):
        print("a line of some thirty letters")
    return (time.perf_counter() - start) / count * 1e6
def in_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(prints()))
    thread.start(); thread.join()
    return found[0]
def chat(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        print("chatty line", end, "of a job that has something to say")
        time.sleep(0.05)
def cpu(seconds, silent, count):
    submit = jobs.options(silent=silent).submit
    started = [submit(chat, seconds) for _ in range(count)]
    time.sleep(0.5)
    before = time.process_time()
    time.sleep(seconds - 1)
    spent = time.process_time() - before
    for job in started: job.wait()
    return spent / (seconds - 1) * 100
def flood():
    line = "x" * 99
    for _ in range(1_000_000):
        print(line)
"""


class Kernel:
    """A kernel, and how many bytes it has published."""

    def __init__(self, manager: KernelManager) -> None:
        self.client = manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=LIMIT)
        self.sent = 0

    def run(self, code: str) -> str:
        """Run a cell; returns what it has printed."""
        cell = self.client.execute(code)
        text = []
        while True:
            message = self._next(LIMIT)
            if message["parent_header"].get("msg_id") != cell:
                continue
            content = message["content"]
            if message["msg_type"] == "error":
                raise RuntimeError("\n".join(content["traceback"]))
            if message["msg_type"] == "stream":
                text.append(content["text"])
            if content.get("execution_state") == "idle":
                return "".join(text)

    def value(self, expression: str) -> Any:
        """The value of an expression, without what else was printed."""
        self.run(f"_value = {expression}")
        return ast.literal_eval(self.run("print(repr(_value))"))

    def drain(self) -> None:
        """Count what else is published until nothing comes any more."""
        while True:
            try:
                self._next(1.0)
            except Empty:
                return

    def _next(self, timeout: float) -> dict[str, Any]:
        message: dict[str, Any] = self.client.get_iopub_msg(timeout=timeout)
        self.sent += len(json.dumps(message["content"]))
        return message


def measure(kernel: Kernel) -> dict[str, tuple[float, float, str]]:
    """Each figure, its limit, and its parts in words."""
    kernel.run(SETUP)
    times: dict[str, list[float]] = {"main": [], "thread": [], "loaded": [], "job": []}
    for _ in range(ROUNDS):
        # One after the other in each round: the machine's mood is then the same for all.
        times["main"].append(kernel.value("prints()"))
        times["thread"].append(kernel.value("in_thread()"))
        kernel.run("%load_ext nbjobs")
        times["loaded"].append(kernel.value("prints()"))
        times["job"].append(kernel.value("jobs.options(silent=True).submit(prints).get()"))
        kernel.run("%unload_ext nbjobs")
    us = {name: statistics.median(values) for name, values in times.items()}
    kernel.run("%load_ext nbjobs")
    shown, silent = kernel.value("(cpu(6, False, 10), cpu(6, True, 10))")
    kernel.drain()
    kernel.sent = 0
    start = time.monotonic()
    kernel.run("job = jobs.submit(flood); job.wait()")
    seconds = time.monotonic() - start
    kernel.drain()
    megabytes = kernel.sent / 1e6
    return {
        "print in a job / in a plain thread": (
            us["job"] / us["thread"],
            1.0,
            f"{us['job']:.2f} µs / {us['thread']:.2f} µs",
        ),
        "main's print with / without nbjobs": (
            us["loaded"] / us["main"],
            1.1,
            f"{us['loaded']:.2f} µs / {us['main']:.2f} µs",
        ),
        "% of a core for 10 chatty panels": (
            shown,
            5.0,
            f"{silent:.2f} % with the same jobs and no panels",
        ),
        "MB sent for 100 MB printed": (megabytes, 1.0, f"in {seconds:.1f} s"),
    }


def main() -> int:
    """Measure, print, and say whether all limits were kept."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    try:
        figures = measure(Kernel(manager))
    finally:
        manager.shutdown_kernel(now=True)
    for name, (figure, limit, parts) in figures.items():
        verdict = "ok" if figure <= limit else "MISSED"
        print(f"{name:36} {figure:6.2f}  (limit {limit:g})  {verdict:6}  {parts}")
    return int(any(figure > limit for figure, limit, _ in figures.values()))


if __name__ == "__main__":
    sys.exit(main())
