"""Which line of a morning paper a line of a reply names, and what is no line of it."""

from __future__ import annotations

import pytest

from sitmail.domain.numbered_commands import read_numbered
from sitmail.domain.paper_replies import Lines
from sitmail.domain.verbs import STAFF

LINES = Lines((112, 7, 230))


@pytest.mark.parametrize(
    ("line", "numbers", "rest"),
    [
        ("2: /close solved", (7,), "/close solved"),
        ("2,3: /take", (7, 230), "/take"),
        ("1, 2 and 3: /take", (112, 7, 230), "/take"),
        ("1 und 2: /take", (112, 7), "/take"),
        ("#2: tell her", (7,), "tell her"),
        ("2 /take", (7,), "/take"),
        ("2) /take", (7,), "/take"),
        ("2. /take", (7,), "/take"),
        ("line 2: /take", (7,), "/take"),
        ("Zeile 2: /take", (7,), "/take"),
        ("ligne 2: /take", (7,), "/take"),
        ("2\uff1a /take", (7,), "/take"),
        ("EX-2: /take", (2,), "/take"),
        ("[EX-2]: /take", (2,), "/take"),
        ("incident 2: /take", (2,), "/take"),
        ("2, EX-2: /take", (7, 2), "/take"),
        ("4: /take", (-4,), "/take"),
        ("0: /take", (-1,), "/take"),
        # no line of the letter
        ("2) tell her", (), "2) tell her"),
        ("2 tell her", (), "2 tell her"),
        ("2:30 is fine", (), "2:30 is fine"),
        ("10:30 is fine", (), "10:30 is fine"),
        ("2 /tmp/x is full", (), "2 /tmp/x is full"),
        ("On 2: well", (), "On 2: well"),
        ("24.12. I am away", (), "24.12. I am away"),
        ("2 of them: yes", (), "2 of them: yes"),
    ],
)
def test_which_line(line: str, numbers: tuple[int, ...], rest: str) -> None:
    assert LINES.named(line) == (numbers, rest)


def said(text: str) -> list[tuple[tuple[int, ...], str]]:
    script = read_numbered(text, "", STAFF, LINES)
    return [] if script.mistakes else [(one.numbers, one.words) for one in script.said]


def test_words_go_on_and_lists_and_times_stay_in_them() -> None:
    assert said("1: Do this:\n1) restart\n2) ring us\n10:30 is fine.") == [
        ((112,), "Do this:\n1) restart\n2) ring us\n10:30 is fine.")
    ]
    assert said("1: Yes.\n2: No.") == [((112,), "Yes."), ((7,), "No.")]


@pytest.mark.parametrize("text", ["1: Yes.\n2) No.", "2) tell her", "tell her", "1. tell him\n2: tell her"])
def test_what_may_be_meant_for_another_is_sent_to_nobody(text: str) -> None:
    assert said(text) == []
    assert read_numbered(text, "", STAFF, LINES).mistakes
