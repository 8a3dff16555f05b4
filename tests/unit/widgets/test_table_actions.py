"""What the clicks do, and what is said when they cannot be served."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nbjobs import JobManager, JobState, current_job
from nbjobs.widgets.tableactions import TableActions
from nbjobs.widgets.tablefeed import TableFeed

LIMIT = 10.0


class Sent:
    """The answers."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.came = threading.Condition()

    def take(self, message: Any) -> None:
        """What is sent to the page."""
        with self.came:
            self.messages.append(message)
            self.came.notify_all()

    def said(self) -> Any:
        """The first `say`, when it has come."""

        def found() -> list[Any]:
            return [m for m in self.messages if m["kind"] == "say"]

        with self.came:
            assert self.came.wait_for(found, LIMIT)
            return found()[0]


@pytest.fixture
def sent() -> Sent:
    """What the page was told."""
    return Sent()


@pytest.fixture
def serve(jobs: JobManager, sent: Sent) -> Iterator[Callable[[Any], None]]:
    """Serves a message of the page."""
    feed = TableFeed(jobs, sent.take, clicks_wait=False, beat=0.2)
    yield TableActions(jobs, feed, sent.take).serve
    feed.close()
    feed._scheduler.join(LIMIT)


def test_kill_asks_and_does_not_wait(
    jobs: JobManager, serve: Callable[[Any], None], sent: Sent, blocker: threading.Event
) -> None:
    """The jobs end; those that had ended already are told of."""
    running = jobs.submit(blocker.wait)
    done = jobs.submit(int)
    done.wait()
    serve({"kind": "kill", "nums": [0, 1]})
    running.wait(LIMIT)
    assert running.state is JobState.KILLED
    assert sent.said()["text"] == "Killing job 0. 1 job had ended already."


def test_rerun_starts_again(jobs: JobManager, serve: Callable[[Any], None], sent: Sent) -> None:
    """A new job with the same work, in no thread that a widget's message came in."""
    jobs.submit(divmod, 1, 0).wait()
    serve({"kind": "rerun", "nums": [0]})
    assert sent.said()["text"] == "Started again as job 1."
    jobs[1].wait()
    assert jobs[1].state is JobState.FAILED


def test_rerun_that_is_not_possible_says_why(
    jobs: JobManager, serve: Callable[[Any], None], sent: Sent
) -> None:
    """A function that has succeeded has let go of its arguments."""
    jobs.submit(divmod, 1, 1).wait()
    serve({"kind": "rerun", "nums": [0]})
    said = sent.said()
    assert said["error"]
    assert "cannot run again" in said["text"]


def test_flush_removes_what_has_ended(
    jobs: JobManager,
    serve: Callable[[Any], None],
    sent: Sent,
    blocker: threading.Event,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And nothing else; nothing is printed into a cell."""
    jobs.submit(int).wait()
    jobs.submit(blocker.wait)
    serve({"kind": "flush"})
    assert sent.said()["text"] == "Removed 1 finished job."
    assert [job.num for job in jobs] == [1]
    assert capsys.readouterr().out == ""


def test_show_sends_source_outputs_and_how_it_stands(
    jobs: JobManager, serve: Callable[[Any], None], sent: Sent
) -> None:
    """The drawer gets the newest output, and how much came before it."""

    def work() -> None:
        job = current_job()
        assert job is not None
        job.recorder.write("stdout", "x" * 99 + "\n")
        for _ in range(2000):
            job.recorder.write("stdout", "y" * 99 + "\n")

    jobs.submit(work).wait()
    serve({"kind": "show", "num": 0})
    shown = next(m for m in sent.messages if m["kind"] == "output")
    assert shown["source"].endswith("work")
    assert shown["summary"].startswith("succeeded after")
    text = "".join(output["text"] for output in shown["outputs"])
    assert len(text) + shown["omitted"] == 200_100
    assert len(text) <= 64_000


@pytest.mark.parametrize(
    "message",
    [
        {"kind": "kill", "nums": [77]},
        {"kind": "show", "num": 77},
        {"kind": "kill", "nums": ["0"]},
        {"kind": "kill", "nums": [True]},
        {"kind": "kill", "nums": {"a": 1}},
    ],
)
def test_what_cannot_be_served_is_said(
    serve: Callable[[Any], None], sent: Sent, message: Any
) -> None:
    """A job that is gone, and a message that makes no sense, end in a line and no exception."""
    serve(message)
    assert sent.said()["error"]


def test_an_unknown_message_is_logged(
    serve: Callable[[Any], None], sent: Sent, caplog: pytest.LogCaptureFixture
) -> None:
    """It may be of a page that is newer than the kernel."""
    serve({"kind": "dance"})
    assert "dance" in caplog.text
    assert sent.messages == []
