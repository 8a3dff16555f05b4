"""Panels in a real kernel: what is sent, when, and under which cell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from iopub import Kernel, Message, kernel

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def k() -> Iterator[Kernel]:
    """A kernel with nbjobs loaded."""
    with kernel() as started:
        started.run("%load_ext nbjobs")
        started.run("import sys, threading, time\nfrom IPython.display import *")
        yield started


@pytest.fixture(scope="module")
def plain() -> Iterator[Kernel]:
    """A kernel with nbjobs loaded where ipywidgets is not installed."""
    with kernel() as started:
        started.run("import sys, threading; sys.modules['ipywidgets'] = None")
        started.run("%load_ext nbjobs")
        yield started


def panels(k: Kernel, cell: str) -> list[Message]:
    """The displays of panels in a cell."""
    shown = k.of(cell, "display_data", "execute_result")
    return [m for m in shown if "nbjobs-" in str(m["content"].get("transient"))]


def test_a_panel_is_live_then_still(k: Kernel) -> None:
    """A running job's panel is a widget; at its end a still picture replaces it."""
    k.run("go = threading.Event()")
    launch = k.run("%%job --name live\nprint('first')\ngo.wait()\nprint('<last>')\n6 * 7")
    (panel,) = panels(k, launch)
    assert WIDGET in panel["content"]["data"]
    k.until(lambda: "first" in k.panel(launch))
    assert "running" in k.panel(launch)
    main = k.run("print('main')")
    k.run("go.set()")
    still = "update_display_data"
    k.until(lambda: k.of(launch, still))
    (update,) = k.of(launch, still)
    assert update["content"]["transient"] == panel["content"]["transient"]
    data = update["content"]["data"]
    assert WIDGET not in data
    assert "succeeded" in data["text/plain"]
    assert data["text/plain"].endswith("live\nfirst\n<last>\n42")
    assert "&lt;last&gt;" in data["text/html"]
    assert not k.of(main, "display_data", still)


def test_widgets_in_the_output_stay_alive(k: Kernel) -> None:
    """What only a widget, or another renderer, can show is not replaced by HTML."""
    launch = k.run(
        "%%job --name slider\nimport ipywidgets\nprint('text')\ndisplay(ipywidgets.IntSlider())"
    )
    k.run("jobs['slider'].wait(30)")
    k.until(lambda: "succeeded" in k.panel(launch))
    updates = k.of(launch, "update_display_data")
    assert all(WIDGET in m["content"]["data"] for m in updates)
    # For whoever reads the notebook without widgets.
    k.until(lambda: k.of(launch, "update_display_data"))
    data = k.of(launch, "update_display_data")[-1]["content"]["data"]
    assert "text" in data["text/html"]
    assert data["text/plain"].splitlines()[1] == "text"


def test_a_page_that_came_later_is_given_the_picture(k: Kernel) -> None:
    """A page that asks for a panel's state is told to put the still picture there at the end."""
    k.run("go = threading.Event()")
    launch = k.run("%%job --name asked\nprint('early')\ngo.wait()\nprint('late')")
    panel = panels(k, launch)[0]["content"]["data"][WIDGET]["model_id"]

    def pictures() -> list[Message]:
        opened = [m["content"]["data"] for m in k.messages if m["msg_type"] == "comm_open"]
        return [d["state"]["still"] for d in opened if d["state"].get("panel") == panel]

    def ask() -> None:
        content = {"comm_id": panel, "data": {"method": "request_state"}}
        k.client.shell_channel.send(k.client.session.msg("comm_msg", content))

    ask()
    k.run("go.set(); jobs['asked'].wait(30)")
    k.until(pictures)
    (picture,) = pictures()
    assert picture["text/plain"].splitlines()[1:] == ["early", "late"]
    assert "succeeded" in picture["text/html"]
    # It is told once.
    before = len(k.of(launch, "update_display_data"))
    ask()
    k.until(lambda: len(k.of(launch, "update_display_data")) > before)
    assert len(pictures()) == 1


def test_a_job_that_fails_shows_its_traceback(k: Kernel) -> None:
    """The still picture of a failed job holds the traceback, its colours as HTML."""
    launch = k.run("%job 1/0")
    k.until(lambda: k.of(launch, "update_display_data"))
    data = k.of(launch, "update_display_data")[0]["content"]["data"]
    assert "failed" in data["text/plain"]
    assert "ZeroDivisionError: division by zero" in data["text/plain"]
    assert "\x1b" not in data["text/plain"] + data["text/html"]
    assert '<span style="' in data["text/html"]


def test_out_holds_the_job_and_shows_its_panel_once_a_cell(k: Kernel) -> None:
    """`%job` in a cell shows one panel and Out[n] is the Job; naming it later shows it again."""
    launch = k.run("%job -n outs 1 + 1")
    assert len(panels(k, launch)) == 1
    assert not k.of(launch, "execute_result")
    assert k.value("Out[max(Out)] is jobs['outs']") is True
    k.run("jobs['outs'].wait(30)")
    again = k.run("jobs['outs']")
    assert "succeeded" in k.panel(again)
    assert k.panel(again).endswith("outs\n2")


def test_show_brings_everything_back(k: Kernel) -> None:
    """job.show() and %jobs show give a running job's panel, and all output of one that ended."""
    k.run("go = threading.Event()")
    k.run("%%job --name long --silent\nfor i in range(20000): print('line', i)\ngo.wait()")
    running = k.run("jobs['long'].show()")
    k.until(lambda: "line 19999" in k.panel(running))
    assert "line 0\n" not in k.panel(running)
    k.run("go.set(); jobs['long'].wait(30)")
    for how in ("%jobs show long", "jobs.show('long')"):
        ended = k.run(how)
        assert k.text(ended) == "".join(f"line {i}\n" for i in range(20000))
    assert k.value("jobs.output('long', tail=2)") == "line 19998\nline 19999\n"


def test_follow_prints_until_the_job_ends(k: Kernel) -> None:
    """`%jobs show --follow` prints as output comes, and the cell ends when the job has ended."""
    k.run("gate = threading.Semaphore(0)")
    k.run("%%job --name steps\nfor i in range(3):\n    gate.acquire()\n    print('step', i)")
    cell = k.send("%jobs show --follow steps")
    k.until(lambda: "steps" in str([m["content"] for m in k.of(cell, "display_data")]))
    k.manager.interrupt_kernel()
    k.finish(cell)
    assert k.of(cell, "error")[0]["content"]["ename"] == "KeyboardInterrupt"
    assert k.value("jobs['steps'].is_alive()") is True
    k.run("threading.Timer(0.2, gate.release, (3,)).start()")
    cell = k.run("%jobs show --follow steps")
    assert k.text(cell) == "step 0\nstep 1\nstep 2\n"


def test_many_jobs_of_one_cell_get_some_panels(k: Kernel) -> None:
    """A cell that starts many jobs gets panels up to the limit; a silent job gets none."""
    k.run("%config NbJobs.panels_per_cell = 3")
    many = k.run("for i in range(10): jobs.submit(print, i)")
    assert len(panels(k, many)) == 3
    k.run("%config NbJobs.panels_per_cell = 20")
    silent = k.run("%job --silent print('hush')")
    assert not panels(k, silent)


def test_without_widgets_a_display_is_updated(plain: Kernel) -> None:
    """Where ipywidgets is missing the panel is HTML, updated in place, in its cell's name."""
    plain.run("go = threading.Event()")
    launch = plain.run("%%job --name html\nprint('first')\ngo.wait()\nprint('second')")
    (panel,) = panels(plain, launch)
    assert WIDGET not in panel["content"]["data"]
    plain.until(lambda: "first" in plain.panel(launch))
    main = plain.run("go.set(); jobs['html'].wait(30)")
    plain.until(lambda: "second" in plain.panel(launch))
    assert "succeeded" in plain.panel(launch)
    assert not plain.of(main, "update_display_data", "display_data", "stream")
    assert not [m for m in plain.messages if m["msg_type"].startswith("comm")]


def test_nothing_is_sent_while_a_job_is_quiet(k: Kernel) -> None:
    """A quiet job costs no message and no thread: what shows it has gone to sleep."""
    k.run("go = threading.Event()")
    launch = k.run("%%job --name quiet\nprint('here')\ngo.wait()")
    k.until(lambda: "here" in k.panel(launch))
    k.run("[t.join(30) for t in threading.enumerate() if t.name == 'nbjobs-display']")
    before = len(k.messages)
    assert "nbjobs-display" not in k.value("[t.name for t in threading.enumerate()]")
    assert not [m for m in k.messages[before:] if m["msg_type"].startswith("comm")]
    k.run("go.set(); jobs['quiet'].wait(30)")


def test_removed_jobs_let_go_of_their_widgets(k: Kernel) -> None:
    """Removing a job closes its widget, and the job, its output and its value can be collected."""
    k.run("import gc, weakref\nclass Big: pass")
    # Not by %job: IPython keeps what Out has held in other places, too.
    k.run("def work():\n    print('x' * 1000)\n    return Big()")
    k.run("job = jobs.options(name='gone').submit(work)")
    k.run("_ = job.wait(30)\nref = weakref.ref(job)\nvalue = weakref.ref(ref().result)")
    k.run("jobs.remove('gone'); del job")
    k.run("[t.join(30) for t in threading.enumerate() if t.name == 'nbjobs-display']")
    k.run("gc.collect()")
    assert k.value("(ref() is None, value() is None)") == (True, True)
