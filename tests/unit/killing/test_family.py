"""What a job has started ends with it: threads, children and their children."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pexpect

from nbjobs import killing
from nbjobs.killing.processes import Process

from .victim import LIMIT, Victim, until

LONG = 60


def test_threads_of_a_job_end_with_it() -> None:
    """Its threads, and theirs, are killed; their `finally` blocks run."""
    ended: list[str] = []
    ready = threading.Barrier(4)

    def grandchild() -> None:
        try:
            ready.wait(LIMIT)
            time.sleep(LONG)
        finally:
            ended.append("grandchild")

    def child() -> None:
        try:
            threading.Thread(target=grandchild).start()
            ready.wait(LIMIT)
            threading.Event().wait()
        finally:
            ended.append("child")

    def work() -> None:
        threading.Thread(target=child).start()
        ready.wait(LIMIT)
        threading.Event().wait()

    victim = Victim(work)
    # Killed before, one would not have begun the next.
    ready.wait(LIMIT)
    victim.kill()
    until(lambda: sorted(ended) == ["child", "grandchild"])


def test_a_child_that_traps_term_is_killed() -> None:
    """It gets TERM first and KILL soon after."""
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); "
    ready = threading.Event()

    def work() -> None:
        command = [sys.executable, "-c", code + f"time.sleep({LONG})"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            ready.set()
            process.wait()

    victim = Victim(work)
    assert ready.wait(LIMIT)
    victim.blocked("waitpid")
    victim.kill()


def test_a_tree_of_children_ends(tmp_path: Path) -> None:
    """The shell, what it runs, and what that runs."""
    file = tmp_path / "pid"
    victim = Victim(
        lambda: subprocess.run(["sh", "-c", f"sh -c 'sleep {LONG} & echo $! > {file}; wait'; true"])
    )
    until(lambda: file.exists() and file.read_text().strip() != "")
    pid = int(file.read_text())
    victim.blocked("waitpid")
    victim.kill()
    until(lambda: Process.of(pid) is None)


def test_a_child_that_was_left_running_ends() -> None:
    """A job that computes while its child runs leaves none behind when it is killed."""
    children: list[subprocess.Popen[bytes]] = []

    def work() -> None:
        children.append(subprocess.Popen(["sleep", str(LONG)]))
        while True:
            pass

    victim = Victim(work)
    until(lambda: bool(children))
    victim.kill()
    assert children[0].wait(LIMIT) == -15


def test_cleanup_may_end_its_child_in_its_own_way() -> None:
    """A `finally` that asks its child to finish is not forestalled."""
    results: list[int] = []
    ready = threading.Event()

    def work() -> None:
        process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        try:
            ready.set()
            threading.Event().wait()
        finally:
            assert process.stdin is not None
            process.stdin.close()
            results.append(process.wait(LIMIT))

    victim = Victim(work)
    assert ready.wait(LIMIT)
    victim.kill()
    assert results == [0]


def test_a_terminal_is_closed_without_a_pause() -> None:
    """Pexpect sleeps when a terminal is collected, in any thread; not that of a killed program."""
    spawned: list[pexpect.spawn] = []

    def work() -> None:
        child = pexpect.spawn("sleep", [str(LONG)])
        spawned.append(child)
        child.expect_exact("never", timeout=LONG)

    victim = Victim(work)
    victim.blocked("select()")
    victim.kill()
    (child,) = spawned
    assert child.ptyproc.delayafterclose == 0.001
    child.close()
    assert not child.isalive()


def _mixed(index: int) -> None:
    kind = index % 5
    if kind == 0:
        subprocess.run(["sleep", str(LONG)])
    elif kind == 1:
        with open(os.devnull) as file, threading.Lock():
            threading.Event().wait()
            file.read()
    elif kind == 2:
        thread = threading.Thread(target=time.sleep, args=(LONG,))
        thread.start()
        thread.join()
    elif kind == 3:
        time.sleep(LONG)
    else:
        while True:
            pass


def test_mixed_kills_leave_nothing_behind() -> None:
    """After many kills of all kinds, no descriptor, thread or child process is left."""
    Victim(lambda: _mixed(0)).kill()
    descriptors, threads = _descriptors(), set(threading.enumerate())
    children = _live_children()
    for index in range(60):
        victim = Victim(lambda index=index: _mixed(index))
        if index % 2:
            victim.blocked(" ")
        victim.kill()
    until(lambda: _descriptors() <= descriptors)
    until(
        lambda: (
            not [
                each
                for each in set(threading.enumerate()) - threads
                if not each.name.startswith("nbjobs")
            ]
        )
    )
    until(lambda: _live_children() <= children)


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def _live_children() -> set[int]:
    words: list[str] = []
    for thread in os.listdir("/proc/self/task"):
        with suppress(FileNotFoundError):  # It has ended.
            words += Path(f"/proc/self/task/{thread}/children").read_text().split()
    return {int(word) for word in words if Process.of(int(word)) is not None}


def test_killing_a_thread_of_a_job_spares_the_job() -> None:
    """`kill_foreign_thread` on one of its threads ends that one only."""
    threads: list[threading.Thread] = []
    go = threading.Event()

    def work() -> str:
        thread = threading.Thread(target=time.sleep, args=(LONG,))
        thread.start()
        threads.append(thread)
        go.wait(LIMIT)
        return "done"

    victim = Victim(work)
    until(lambda: bool(threads))
    assert killing.kill_foreign_thread(threads[0]) is killing.KillResult.KILLED
    go.set()
    assert victim.ended().value == "done"
