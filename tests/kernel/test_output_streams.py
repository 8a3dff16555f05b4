"""What jobs print, in a real kernel: where it lands, and where it does not."""

from __future__ import annotations

from collections.abc import Iterator

import ipykernel
import pytest

from iopub import Kernel, kernel


@pytest.fixture(scope="module")
def k() -> Iterator[Kernel]:
    """A kernel with nbjobs loaded and the imports that the cells below need."""
    with kernel() as started:
        started.run("%load_ext nbjobs")
        started.run("import sys, os, threading, logging, warnings, asyncio, contextlib, time")
        yield started


def test_a_job_prints_under_no_cell_but_its_own(k: Kernel) -> None:
    """What a job prints while another cell runs is in its panel and nowhere else."""
    k.run("go = threading.Event()")
    launch = k.run("%%job --name one\nprint('before')\ngo.wait()\nprint('while main runs')")
    main = k.run("go.set(); jobs['one'].wait(30); print('from main')")
    assert k.text(main) == "from main\n"
    assert k.text(launch) == ""
    assert k.value("jobs['one'].stdout") == "before\nwhile main runs\n"
    k.until(lambda: "while main runs" in k.panel(launch))


def test_thousands_of_lines_keep_their_order(k: Kernel) -> None:
    """Three jobs and main print 3,000 lines each: nothing is lost, mixed up or out of order."""
    k.run("start = threading.Barrier(4)")
    for name in "abc":
        k.run(
            f"%%job --name lines{name}\nstart.wait()\n"
            f"for i_{name} in range(3000):\n    print('{name}', i_{name})"
        )
    main = k.run("start.wait()\nfor i in range(3000):\n    print('main', i)")
    k.run("jobs.wait('linesa', 'linesb', 'linesc', timeout=30)")
    assert k.text(main) == "".join(f"main {i}\n" for i in range(3000))
    for name in "abc":
        assert k.value(f"jobs['lines{name}'].stdout") == "".join(
            f"{name} {i}\n" for i in range(3000)
        )


def test_history_holds_no_job_text_and_the_stream_no_leftovers(k: Kernel) -> None:
    """IPython's record of a cell's output has main's text only, and its tee is gone afterwards."""
    k.run("%%job --name secret\nprint('not for the history')")
    k.run("jobs['secret'].wait(30); print('for the history')")
    outputs = "str(dict(getattr(get_ipython().history_manager, 'outputs', {})))"
    assert "not for the history" not in k.value(outputs)
    k.run("left = [vars(s).get('write') for s in (sys.stdout, sys.stderr)]")
    assert k.value("left") == [None, None]


@pytest.mark.parametrize(
    "start",
    [
        "%%capture taken\ngo.set(); jobs[num].wait(30); print('main')",
        "with contextlib.redirect_stdout(__import__('io').StringIO()) as taken:\n"
        "    go.set(); jobs[num].wait(30); print('main')",
    ],
    ids=["capture", "redirect"],
)
def test_capturing_in_main_takes_no_job_text(k: Kernel, start: str) -> None:
    """%%capture and redirect_stdout in the user's cell take the cell's text alone."""
    k.run("go = threading.Event()")
    k.run("%%job\ngo.wait()\nprint('job')\nprint('job err', file=sys.stderr)")
    k.run("num = max(job.num for job in jobs)")
    k.run(start)
    assert k.value("getattr(taken, 'stdout', None) or taken.getvalue()") == "main\n"
    assert k.value("jobs[num].stdout, jobs[num].stderr") == ("job\n", "job err\n")


def test_capturing_in_a_job_stays_in_the_job(k: Kernel) -> None:
    """redirect_stdout and capture_output in a job take its text, its threads' and no other."""
    k.run("inside, done = threading.Event(), threading.Event()")
    k.run(
        "%%job --name captures\n"
        "import io\nfrom IPython.utils.capture import capture_output\n"
        "from IPython.display import display\n"
        "with contextlib.redirect_stdout(io.StringIO()) as text:\n"
        "    print('redirected')\n"
        "    child = threading.Thread(target=print, args=('child',)); child.start(); child.join()\n"
        "    with contextlib.redirect_stderr(sys.stdout): print('err', file=sys.stderr)\n"
        "    inside.set(); done.wait()\n"
        "with capture_output() as captured:\n"
        "    print('captured'); display(5)\n"
        "with contextlib.redirect_stdout(None): print('nowhere')\n"
        "print('after', repr(text.getvalue()), repr(captured.stdout), len(captured.outputs))"
    )
    main = k.run("inside.wait(30); print('main'); done.set(); jobs['captures'].wait(30)")
    assert k.text(main) == "main\n"
    expected = "after 'redirected\\nchild\\nerr\\n' 'captured\\n' 1\n"
    assert k.value("jobs['captures'].stdout") == expected
    assert k.value("jobs['captures'].outputs")[-1]["output_type"] == "stream"


def test_whatever_a_job_starts_belongs_to_it(k: Kernel) -> None:
    """Threads, timers, pools, tasks and threads of tasks print into the job that started them."""
    launch = k.run(
        "%%job --name family\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "thread = threading.Thread(target=print, args=('thread',)); thread.start(); thread.join()\n"
        "timer = threading.Timer(0, print, ('timer',)); timer.start(); timer.join()\n"
        "pool = ThreadPoolExecutor(1); pool.submit(print, 'pool').result()\n"
        "async def task(): print('task'); await asyncio.to_thread(print, 'to_thread')\n"
        "await asyncio.create_task(task())\n"
    )
    k.run("jobs['family'].wait(30)")
    assert k.value("jobs['family'].stdout.split()") == [
        *("thread", "timer", "pool", "task", "to_thread")
    ]
    assert k.text(launch) == ""


def test_a_jobs_pool_prints_for_whoever_uses_it(k: Kernel) -> None:
    """What main submits to a pool that a job has made is no output of that job."""
    launch = k.run(
        "%%job --name maker\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "shared = ThreadPoolExecutor(1); shared.submit(print, 'of the job').result()"
    )
    k.run("jobs['maker'].wait(30)")
    main = k.run("shared.submit(print, 'of main').result(); shared.shutdown(); sys.stdout.flush()")
    k.until(lambda: k.text(main) + k.text(launch) == "of main\n")
    assert k.value("jobs['maker'].stdout") == "of the job\n"
    # ipykernel 6 may show what a thread prints in the cell in which it was started.
    assert k.text(main) or ipykernel.version_info[0] == 6


def test_log_lines_warnings_and_commands_belong_to_the_job(k: Kernel) -> None:
    """Handlers made before nbjobs was loaded, warnings, !commands and %%bash all reach the job."""
    k.run(
        "%%job --name logs\n"
        "logging.getLogger('there').warning('logged')\n"
        "warnings.warn('careful')\n"
        "!echo shell\n"
    )
    k.run("%%job --name script\nget_ipython().run_cell_magic('bash', '', 'echo script')")
    k.run("jobs.wait('logs', 'script', timeout=30)")
    assert "logged\n" in k.value("jobs['logs'].stderr")
    assert "UserWarning: careful" in k.value("jobs['logs'].stderr")
    assert k.value("jobs['logs'].stdout.replace('\\r', '')") == "shell\n"
    assert k.value("jobs['script'].stdout") == "script\n"


def test_asking_is_refused_to_jobs_alone(k: Kernel) -> None:
    """input() and getpass() raise in a job and say why; in a cell input() still asks."""
    k.run(
        "%%job --name asks\nimport getpass\nfrom nbjobs import JobError\n"
        "for ask in input, getpass.getpass:\n"
        "    try: ask('?')\n"
        "    except JobError as error: print(error)"
    )
    k.run("jobs['asks'].wait(30)")
    lines = k.value("jobs['asks'].stdout").splitlines()
    assert [line.split()[0] for line in lines] == ["input()", "getpass()"]
    assert "a job cannot ask" in lines[0]
    cell = k.send("answer = input('name? ')", allow_stdin=True)
    request = k.client.get_stdin_msg(timeout=30)
    assert request["content"]["prompt"] == "name? "
    k.client.input("Ada")
    k.finish(cell)
    assert k.value("answer") == "Ada"
