"""What a mail shows without the store: the incidents that it names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sitmail.domain.mail import Envelope
from sitmail.domain.numbered_commands import mentions_in
from sitmail.reading.parse import Reading, parse

ENVELOPE = Envelope("jane@example.net", ("support@example.com",), datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    "text, numbers",
    [
        ("It shows 12 and nobody knows why.", []),
        ("/show 12", [12]),
        ("SHOW\t[EX-12]", [12]),
        ("/\u017fhow 12", [12]),
        ("7: /why 12", [12, 7]),
        ("／show 12", [12]),
        ("//show 12", [12]),
        ("- /files: 12 1", [12]),
        ("12, 13: /close solved", [12, 13]),
        ("12 /close solved", []),
        ("at 12:30 it stopped", []),
        ("show this", []),
        ("/show \u0661\u0662", []),
    ],
)
def test_numbers_that_commands_name(text: str, numbers: list[int]) -> None:
    mail = f"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    found = parse(mail.encode(), ENVELOPE, Reading(frozenset()))
    assert sorted(mentions_in(found.subject, found.new_text).numbers) == sorted(numbers)


@pytest.mark.parametrize("text", ["no number here", "why 14", "the pump: it stopped"])
def test_numbers_in_a_subject_count_whatever_the_text_says(text: str) -> None:
    mail = f"Subject: 12: /show 13\r\n\r\n{text}\r\n"
    read = parse(mail.encode(), ENVELOPE, Reading(frozenset()))
    assert set(mentions_in(read.subject, read.new_text).numbers) == {12, 13, *([14] if "14" in text else [])}


@pytest.mark.parametrize("line", ["/cc add {}", "／cc add {}", "- /cc: del <{}>", "7: //cc add {}"])
def test_addresses_that_commands_name(line: str) -> None:
    assert mentions_in("x", "Hello\n" + line.format("C4@acme.example")).addresses == ("c4@acme.example",)


@pytest.mark.parametrize("line", ["/help", "／show 3", "//why", "files", "- /files: 3"])
def test_commands_that_read_are_counted_however_they_are_written(line: str) -> None:
    assert mentions_in("x", line).reads and not mentions_in("x", f"I {line} you").reads


@pytest.mark.parametrize(
    "text",
    ["show 12", "/show", "please\nHELP", "words\n  files 3", "words\n\twhy", "\u017fhow 12", "a\n / show", "a\r\n/why"],
)
@pytest.mark.parametrize("before", ["", "It shows why the files help nobody.\n", "ä\n", "  \n"])
def test_verbs_that_read_are_seen_at_the_beginning_of_any_line(text: str, before: str) -> None:
    assert mentions_in("", before + text).reads
    assert mentions_in("", f"{before}so {text}").reads == ("\n" in text)
    assert not mentions_in("", f"{before}{text.partition(' ')[0]}s").reads
