"""Which value stands beside which label."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sitmail.domain.labelled_values import folded, named_value, read_values
from sitmail.domain.mail import Attachment, Mail

LABELS = ("E-Mail-Adresse", "Name", "Störung")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Name: Jane Doe\nE-Mail-Adresse: jane@example.net",
            {"Name": "Jane Doe", "E-Mail-Adresse": "jane@example.net"},
        ),
        ("name *: Jane\ne mail adresse = j@example.net", {"Name": "Jane", "E-Mail-Adresse": "j@example.net"}),
        ("E-Mail-\nAdresse: j@example.net", {"E-Mail-Adresse": "j@example.net"}),
        ("Name:\n  Jane\n\nE-Mail-Adresse\nj@example.net", {"Name": "Jane", "E-Mail-Adresse": "j@example.net"}),
        ("Name:  Jane\nE-Mail-Adresse  j@example.net", {"Name": "Jane", "E-Mail-Adresse": "j@example.net"}),
        ("Stoerung: hot", {"Störung": "hot"}),
        ("Sto\u0308rung: hot", {"Störung": "hot"}),
        ("- Name: Jane", {"Name": "Jane"}),
        ("Name: Jane: the one", {"Name": "Jane: the one"}),
        ("Name: Jane\nBrowser: x\nmore of it", {"Name": "Jane"}),  # a label that was not asked for ends a value
        ("Name: Jane\nName: Eve", {"Name": "Jane"}),  # the first counts
        (
            "Störung: hot\nTime: 12:00\n\nand cold\nName: Jane",
            {"Störung": "hot\nTime: 12:00\n\nand cold", "Name": "Jane"},
        ),
        ("Nameless: Jane\nMy Name: x\nName", {"Name": ""}),
        ("", {}),
    ],
)
def test_values_stand_beside_their_labels(text: str, found: dict[str, str]) -> None:
    assert read_values(text, LABELS, ("Störung",)) == found


def test_labels_are_compared_without_case_signs_and_umlauts() -> None:
    assert folded("  Größe (in m):* ") == folded("GROESSE IN M")


@pytest.mark.parametrize(
    ("text", "file", "value"),
    [
        ('{"Fingerprint": "a7", "x": 1}', b"", "a7"),
        ('{"fingerprint": 7}', b"", "7"),
        ('{"fingerprint": {"a": 1}}', b"", ""),
        ("{" * 100_000, b"", ""),
        ('{"a":' * 10_000, b"", ""),
        ("[1]", b'{"fingerprint": "a7"}', "a7"),
        ("see the file", b"\xff{", ""),
        ("Host: h\nFingerprint: a7\nmore", b"", "a7"),
    ],
)
def test_programs_name_a_value(text: str, file: bytes, value: str) -> None:
    attached = Attachment("r.json", "application/json", len(file), "", content=file)
    mail = replace(Mail(text=text), attachments=(attached,) if file else ())
    assert named_value(mail, "fingerprint") == value
