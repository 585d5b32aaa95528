"""What one mail shows without the store: the incidents that its lines name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sitmail.domain.mail import Envelope
from sitmail.reading.parse import Reading, parse
from sitmail.services.hints import command_numbers

ENVELOPE = Envelope("jane@example.net", ("support@example.com",), datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    "text, numbers",
    [
        ("It shows 12 and nobody knows why.", []),
        ("/show 12", [12]),
        ("SHOW\t[EX-12]", [12]),
        ("/\u017fhow 12", [12]),
        ("f\u0131les 12", [12]),
        ("F\u0130LES 12", [12]),
        ("7: /why 12", [12, 7]),
        ("12, 13: /close solved", [12, 13]),
        ("12 /close solved", []),
        ("at 12:30 it stopped", []),
        ("show this", []),
        ("/show \u0661\u0662", []),
    ],
)
def test_numbers_that_commands_name(text: str, numbers: list[int]) -> None:
    mail = f"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    assert command_numbers(parse(mail.encode(), ENVELOPE, Reading(frozenset()))) == numbers


@pytest.mark.parametrize("text", ["no number here", "why 14", "the pump: it stopped"])
def test_numbers_in_a_subject_count_whatever_the_text_says(text: str) -> None:
    mail = f"Subject: 12: /show 13\r\n\r\n{text}\r\n"
    found = command_numbers(parse(mail.encode(), ENVELOPE, Reading(frozenset())))
    assert found == [13, *([14] if "14" in text else []), 12]
