"""What a kill answers, as it is shown."""

from __future__ import annotations

import pickle

import pytest
from IPython.lib.pretty import pretty

from nbjobs.killing import KillResult


@pytest.mark.parametrize("result", KillResult, ids=lambda result: result.name)
def test_it_is_shown_as_a_word(result: KillResult) -> None:
    """At a prompt and inside of a dict it reads as a word, and it is that string still."""
    assert pretty(result) == repr(result) == str(result) == result.value
    assert repr({3: result}) == f"{{3: {result.value}}}"
    assert result == result.value
    assert pickle.loads(pickle.dumps(result)) is result
