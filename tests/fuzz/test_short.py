"""A short run of every target; `make fuzz` has longer ones."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.examples import examples
from tests.fuzz.dialogue import SAYS, dialogue
from tests.fuzz.targets import TARGETS, WORDS

PIECES = st.one_of(st.sampled_from(WORDS), st.binary(max_size=12), st.text(max_size=6).map(str.encode))
STRANGE = st.lists(PIECES, max_size=40).map(b"".join)


@pytest.mark.parametrize("name", [name for name in TARGETS if name != "smtp-session"])
@examples(120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=STRANGE)
def test_a_short_run(name: str, data: bytes) -> None:
    TARGETS[name](data)


@examples(100)
@given(data=st.lists(st.sampled_from(SAYS), max_size=20).map(b"".join))
def test_a_short_run_of_smtp_sessions(data: bytes) -> None:
    dialogue(data)
