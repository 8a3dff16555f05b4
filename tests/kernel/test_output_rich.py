"""Displays, updates and figures of jobs, in a real kernel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from iopub import Kernel, kernel


@pytest.fixture(scope="module")
def k() -> Iterator[Kernel]:
    """A kernel with nbjobs loaded."""
    with kernel() as started:
        started.run("%load_ext nbjobs")
        started.run("import sys, threading\nfrom IPython.display import *")
        yield started


def test_displays_are_kept_in_order_and_sent_under_no_other_cell(k: Kernel) -> None:
    """HTML, JSON, an image, a result and text between them come in order, as nbformat outputs."""
    k.run("go = threading.Event()")
    k.run(
        "%%job --name rich\ngo.wait()\nprint('text')\ndisplay(HTML('<b>bold</b>'))\n"
        "print('more', file=sys.stderr)\ndisplay(JSON({'a': [1, float(2)]}))\n"
        "display(Image(data=b'\\x89PNG not really', format='png'))\n[1, 2]"
    )
    main = k.run("go.set(); jobs['rich'].wait(30)")
    assert not k.of(main, "stream", "display_data", "update_display_data", "clear_output")
    outputs = k.value("jobs['rich'].outputs")
    assert [o["output_type"] for o in outputs] == [
        *("stream", "display_data", "stream", "display_data", "display_data", "execute_result")
    ]
    assert outputs[1]["data"]["text/html"] == "<b>bold</b>"
    assert outputs[3]["data"]["application/json"] == {"a": [1, 2.0]}
    assert outputs[4]["data"]["image/png"].startswith("iVBOR")
    assert outputs[5]["data"]["text/plain"] == "[1, 2]"
    k.run("import nbformat\nfrom nbformat.v4 import new_notebook, new_code_cell")
    k.run(
        "nbformat.validate(new_notebook(cells=[new_code_cell('', outputs=jobs['rich'].outputs)]))"
    )


def test_updates_reach_the_display_wherever_it_is(k: Kernel) -> None:
    """A job updates its own display and main's; main updates the job's, while it runs and after."""
    main = k.run("mine = display(HTML('main: old'), display_id=True)")
    launch = k.run(
        "%%job --name updates\n"
        "theirs = display(HTML('first'), display_id=True)\n"
        "theirs.update(HTML('second'))\nmine.update(HTML('main: new'))"
    )
    k.run("jobs['updates'].wait(30)")
    outputs = "[o['data']['text/html'] for o in jobs['updates'].outputs]"
    assert k.value(outputs) == ["second"]
    display_id = k.of(main, "display_data")[0]["content"]["transient"]["display_id"]
    k.until(
        lambda: any(
            m["content"]["transient"].get("display_id") == display_id
            and m["content"]["data"]["text/html"] == "main: new"
            for m in k.messages
            if m["msg_type"] == "update_display_data"
        )
    )
    k.run("theirs.update(HTML('third'))")
    assert k.value(outputs) == ["third"]
    assert not k.of(launch, "error")


def test_clear_output_clears_the_jobs_output(k: Kernel) -> None:
    """clear_output() in a job forgets what it has put out, at once or with the next output."""
    k.run(
        "%%job --name clears\nprint('one')\nclear_output()\nprint('two')\n"
        "seen = jobs['clears'].stdout\n"
        "clear_output(wait=True)\nwaiting = jobs['clears'].stdout\nprint('three')"
    )
    k.run("jobs['clears'].wait(30)")
    assert k.value("(seen, waiting, jobs['clears'].stdout)") == ("two\n", "two\n", "three\n")


def test_an_error_is_kept_as_ipython_renders_it(k: Kernel) -> None:
    """The traceback shows the user's lines and none of ours, and is no error of any cell."""
    k.run("def fails(x):\n    return 1 / x")
    launch = k.run("%%job --name fails\nprint('before')\nfails(0)")
    k.run("jobs['fails'].wait(30)")
    error = k.value("jobs['fails'].outputs[-1]")
    trace = "\n".join(error["traceback"])
    assert (error["output_type"], error["ename"]) == ("error", "ZeroDivisionError")
    assert "fails" in trace
    assert "nbjobs" not in trace
    assert "finishing" not in trace
    assert not [m for m in k.messages if m["msg_type"] == "error"]
    k.until(lambda: "ZeroDivisionError" in k.panel(launch))


def test_pyplot_keeps_jobs_and_main_apart(k: Kernel) -> None:
    """With figures open on both sides neither draws into, shows or closes the other's."""
    k.run("import matplotlib.pyplot as plt\ndrawn, go = threading.Event(), threading.Event()")
    launch = k.run(
        "%%job --name plots\n"
        "plt.figure(); plt.plot([1, 2], label='job'); drawn.set(); go.wait()\n"
        "print('figures', plt.get_fignums(), len(plt.gca().lines))\n"
        "plt.show(); print('shown', plt.get_fignums())\n"
        "plt.figure(); _ = plt.plot([3, 4])"
    )
    main = k.run(
        "drawn.wait(30); before = plt.get_fignums(); plt.figure()\n"
        "plt.plot([5, 6]); plt.plot([7, 8])\n"
        "go.set(); jobs['plots'].wait(60); after = len(plt.gca().lines), len(plt.get_fignums())"
    )
    assert k.value("(before, after)") == ([], (2, 1))
    figures = [m for m in k.of(main, "display_data") if "image/png" in m["content"]["data"]]
    assert len(figures) == 1
    assert k.value("jobs['plots'].stdout") == "figures [1] 1\nshown []\n"
    kinds = [o["output_type"] for o in k.value("jobs['plots'].outputs")]
    # The second figure was left open: it is shown at the end.
    assert kinds == ["stream", "display_data", "stream", "display_data"]
    idle = k.run("1")
    assert not k.of(idle, "display_data")
    assert not [m for m in k.of(launch, "display_data") if "image/png" in m["content"]["data"]]


def test_pyplot_first_imported_in_a_job(k: Kernel) -> None:
    """Where a job is the first to import pyplot its figures are its own all the same."""
    with kernel() as fresh:
        fresh.run("%load_ext nbjobs")
        fresh.run("%%job --name first\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])")
        main = fresh.run("jobs['first'].wait(60)")
        assert not fresh.of(main, "display_data")
        outputs = fresh.value("jobs['first'].outputs")
        assert "image/png" in outputs[-1]["data"] or "image/png" in outputs[-2]["data"]
        fresh.run("%unload_ext nbjobs")
        fresh.run("from matplotlib._pylab_helpers import Gcf; kind = type(Gcf.figs).__name__")
        assert fresh.value("kind") == "OrderedDict"
