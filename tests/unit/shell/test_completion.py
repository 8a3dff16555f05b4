"""Tab after %job and %jobs."""

import pytest
from IPython.core.completer import provisionalcompleter

LIMIT = 10.0


@pytest.fixture
def complete(shell):
    """What Tab offers at the end of a line."""

    def offered(line: str) -> list[str]:
        with provisionalcompleter():
            found = list(shell.Completer.completions(line, len(line)))
        return [completion.text for completion in found]

    return offered


def test_options(complete) -> None:
    """Options are offered before the expression, each once."""
    assert {"--name", "--timeout", "--wait", "--silent"} <= set(complete("%job --"))
    assert "--timeout" in complete("%%job --name x --ti")
    assert "--wait" not in complete("%job --wait --w")
    assert "--name" in complete("j = %job --na")


def test_names_of_the_expression(shell, complete) -> None:
    """The expression itself is completed as ever."""
    shell.user_ns["fetch_titles"] = len
    shell.user_ns["word"] = "abc"
    for start in ("%job ", "%job --name x ", "j = %job ", "%job f(", "%job x = "):
        assert "fetch_titles" in complete(f"{start}fetch_ti")
    assert "word.upper" in complete("%job word.upp")


def test_engines(complete) -> None:
    """After --on the engines."""
    for start in ("%job --on ", "%job -o ", "j = %job --name x --on ", "%%job --on="):
        assert {"process", "asyncio", "inline", "thread"} <= set(complete(start))
    assert "process" in complete("%job --on pro")


def test_verbs_numbers_and_names(shell, run, complete) -> None:
    """After %jobs its verbs, after a verb the jobs."""
    run("%job -n crawl 1")
    assert {"kill", "wait", "flush"} <= set(complete("%jobs "))
    assert "kill" in complete("%jobs ki")
    assert {"0", "crawl"} <= set(complete("%jobs kill "))
    assert "crawl" in complete("%jobs kill 0 cr")
