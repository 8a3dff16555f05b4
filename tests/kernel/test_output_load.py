"""Much output, and bad output, in a real kernel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from iopub import Kernel, kernel


@pytest.fixture(scope="module")
def k() -> Iterator[Kernel]:
    """A kernel with nbjobs loaded."""
    with kernel() as started:
        started.run("%load_ext nbjobs")
        started.run("import sys, threading, logging, gc")
        yield started


def test_a_flood_takes_no_line_of_mains(k: Kernel) -> None:
    """A job prints 300,000 lines while main prints 200: all 200 arrive, and little else is sent."""
    k.run("flooding = threading.Event()")
    launch = k.run(
        "%%job --name flood\nfor n in range(300_000):\n    print('line', n)\n"
        "    if n == 1000: flooding.set()"
    )
    before = len(k.messages)
    main = k.run("flooding.wait(30)\nfor i in range(200):\n    print('main', i)")
    k.run("jobs['flood'].wait(60)")
    assert k.text(main) == "".join(f"main {i}\n" for i in range(200))
    k.until(lambda: "line 299999" in k.panel(launch))
    assert "not shown" in k.panel(launch)
    sent = sum(len(str(m["content"])) for m in k.messages[before:])
    assert sent < 1_000_000
    stdout = k.value("jobs['flood'].stdout")
    assert stdout.startswith("line 0\nline 1\n")
    assert stdout.endswith("line 299998\nline 299999\n")
    assert "characters dropped here" in stdout
    assert len(stdout) < 400_000


def test_one_huge_print_is_cut(k: Kernel) -> None:
    """Of 30 MB printed in one call the start and the end are kept, and the memory is let go."""
    k.run("%%job --name huge\nprint('<' + 'x' * 30_000_000 + '>')")
    k.run("jobs['huge'].wait(30)")
    stdout = k.value(
        "(jobs['huge'].stdout[:9], jobs['huge'].stdout[-9:], len(jobs['huge'].stdout))"
    )
    assert stdout[:2] == ("<xxxxxxxx", "xxxxxxx>\n")
    assert stdout[2] < 400_000
    assert k.value("jobs['huge'].recorder.total") == 30_000_003


def test_strange_text_survives(k: Kernel) -> None:
    """Lone surrogates can be read back and published; bytes are refused as by any text stream."""
    launch = k.run(
        "%%job --name strange\nprint('a\\udc80b \\U0001f600')\n"
        "try: sys.stdout.write(b'bytes')\nexcept TypeError as error: print(error)"
    )
    k.run("jobs['strange'].wait(30)")
    assert k.value(
        "jobs['strange'].stdout == 'a\\udc80b \\U0001f600\\n' + "
        "'write() argument must be str, not bytes\\n'"
    )
    k.until(lambda: "a\\udc80b \U0001f600" in k.panel(launch))


def test_a_repr_that_raises_shows_its_error_in_the_job(k: Kernel) -> None:
    """display() of a broken object leaves its traceback in the job, which goes on; a result too."""
    k.run("class Broken:\n    def __repr__(self): raise ValueError('no repr')")
    before = len(k.messages)
    k.run("%%job --name broken\nfrom IPython.display import display\ndisplay(Broken())\nBroken()")
    k.run("jobs['broken'].wait(30)")
    outputs = k.value("jobs['broken'].outputs")
    assert [o["output_type"] for o in outputs] == ["error", "error"]
    assert outputs[0]["evalue"] == "no repr"
    assert k.value("jobs['broken'].successful()") is True
    assert not [m for m in k.messages[before:] if m["msg_type"] == "error"]


def test_printing_from_del_and_after_the_end(k: Kernel) -> None:
    """__del__ may print in the middle of anything, and a job's threads after the job has ended."""
    k.run(
        "class Loud:\n"
        "    def __init__(self): self.me = self\n"
        "    def __del__(self): sys.stdout.write('gone\\n')"
    )
    k.run("late = threading.Event()")
    before = len(k.messages)
    k.run(
        "%%job --name dels\n"
        "for n in range(3000):\n    Loud()\n    print(n)\n"
        "gc.collect()\n"
        "thread = threading.Thread(target=lambda: (late.wait(30), print('after the end')))\n"
        "thread.start()"
    )
    k.run("jobs['dels'].wait(60); late.set(); thread.join(); sys.stdout.flush()")
    stdout = k.value("jobs['dels'].stdout")
    # The collector runs in whatever thread allocates: some may be the kernel's own.
    texts = [m["content"]["text"] for m in k.messages[before:] if m["msg_type"] == "stream"]
    elsewhere = sum(text.count("gone") for text in texts)
    assert not [text for text in texts if "after the end" in text]
    assert stdout.count("gone") > 0
    assert stdout.count("gone") + elsewhere == 3000
    numbers = "".join(f"{n}\n" for n in range(3000))
    assert stdout.replace("gone\n", "") == numbers + "after the end\n"


def test_a_subscriber_that_raises_harms_nobody(k: Kernel) -> None:
    """A broken subscriber is logged; output still reaches the job and its panel."""
    k.run("def broken(event): raise RuntimeError('bad subscriber')\nstop = jobs.subscribe(broken)")
    launch = k.run("%%job --name heard\nprint('all the same')")
    k.run("jobs['heard'].wait(30); stop()")
    assert "all the same\n" in k.value("jobs['heard'].stdout")
    k.until(lambda: "all the same" in k.panel(launch))


def test_progress_bars_show_in_the_job(k: Kernel) -> None:
    """Tqdm as text leaves its last state in the job; as a widget it is displayed there."""
    launch = k.run(
        "%%job --name bars\nfrom tqdm import tqdm\nimport tqdm.notebook\n"
        "for _ in tqdm.tqdm(range(50)): pass\n"
        "for _ in tqdm.notebook.tqdm(range(50)): pass"
    )
    main = k.run("jobs['bars'].wait(60)")
    assert "50/50" in k.value("jobs.output('bars', tail=5)")
    kinds = [set(o["data"]) for o in k.value("jobs['bars'].outputs") if "data" in o]
    assert any("application/vnd.jupyter.widget-view+json" in kind for kind in kinds)
    assert not k.of(main, "stream", "display_data")
    k.until(lambda: "50/50" in k.panel(launch))
