"""What `/event` reads: the type, the time that it took, and the words; what is no time stays words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain.event_types import BUILT_IN, typed
from sitmail.domain.hours import Calendar
from sitmail.domain.time_spent import leading, shown
from tests.examples import examples

OFFICE = Calendar("office")  # a day of eight hours


@pytest.mark.parametrize(
    ("text", "minutes", "rest"),
    [
        ("15m spoke to Jane", 15, "spoke to Jane"),
        ("1h 30m", 90, ""),
        ("1h30m: on the roof", 90, "on the roof"),
        ("1d on site", 480, "on site"),
        ("15 metres of cable", 0, "15 metres of cable"),
        ("0m nothing", 0, "0m nothing"),
        ("20 lamps", 0, "20 lamps"),
        ("14:30 she rang", 0, "14:30 she rang"),
        ("-15m is no event", 0, "-15m is no event"),
        ("spoke 15m", 0, "spoke 15m"),
        ("", 0, ""),
    ],
)
def test_time_at_the_head_of_words(text: str, minutes: int, rest: str) -> None:
    found = leading(text, OFFICE)
    assert (found.minutes, found.words) == (minutes, rest)


def test_far_too_long() -> None:
    with pytest.raises(ValueError, match="more than 100 hours"):
        leading("900h on site", OFFICE)


@examples(200)
@given(st.integers(1, 5_000), st.text("abc xyz", max_size=20))
def test_what_is_shown_is_read_again(minutes: int, words: str) -> None:
    found = leading(f"{shown(minutes)} {words}", OFFICE)
    assert (found.minutes, found.words) == (minutes, " ".join(words.split()))


@pytest.mark.parametrize(
    ("text", "id_", "rest"),
    [
        ("callout 15m x", "call-out", "15m x"),
        ("Call Out  two  blanks", "call-out", "two  blanks"),
        ("call_in", "call-in", ""),
        ("assign Bob", "assignment", "Bob"),
        ("EMAIL-OUT", "email-out", ""),
    ],
)
def test_types(text: str, id_: str, rest: str) -> None:
    kind, behind = typed(BUILT_IN, text)
    assert (kind.id, behind) == (id_, rest)


@pytest.mark.parametrize(
    ("text", "says"), [("call x", "may be"), ("", "which event type?"), ("callot", "did you mean 'call-out'?")]
)
def test_no_type(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("?", r"\?")):
        typed(BUILT_IN, text)
