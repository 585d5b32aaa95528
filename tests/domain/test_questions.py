"""What a customer's mail tells of what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sitmail.config.patterns import compiled
from sitmail.domain.dictionary import Dictionary, Field, RequestType
from sitmail.domain.incident import Incident, Status
from sitmail.domain.mail import Attachment
from sitmail.domain.questions import is_document, missing, with_answers
from tests.domain.desk_at_hand import NOW

CODES = Dictionary(
    request_types=(RequestType("bug", "Bug", asks=("version", "seen"), required_documents=("log",)),),
    fields=(
        Field("version", "Version", "Which version do you use?", pattern=compiled(r"^\d+(\.\d+)*$")),
        Field("seen", "First seen", "When did you see it first, and where?"),
    ),
)
BUG = Incident(1, "support@example.com", "x", Status.ACTIVE, "medium", NOW, NOW, request_type="bug")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("> 1. Which version do you use?\n7.2\n", {"version": "7.2"}),
        ("> 1. Which version do you use?\n\n7.2\n\nRegards", {"version": "7.2"}),
        ("1. Which version do you use? 7.2", {"version": "7.2"}),
        ("Which version do you use?\n7.2", {"version": "7.2"}),
        (">> 1. which  VERSION do you use?\n7.2", {"version": "7.2"}),
        ("> 2. When did you see it\n> first, and where?\n\nOn Monday,\nupstairs.", {"seen": "On Monday, upstairs."}),
        ("Version: 7.2", {"version": "7.2"}),
        ("* first seen: today", {"seen": "today"}),
        ("> Version: 7.2", {}),  # quoted
        (
            "> 1. Which version do you use?\n> 2. When did you see it first, and where?\nyesterday",
            {"seen": "yesterday"},
        ),
        ("> 1. Which version do you use?\nthe newest", {}),  # does not look like one
        ("> 1. Which version do you use?", {}),
        ("I do not know the version: sorry", {}),
        ("Which versions do you sell?\n7.2", {}),
        ("", {}),
    ],
)
def test_answers(text: str, found: dict[str, str]) -> None:
    assert with_answers(BUG, CODES, text, ()).fields == found


def test_nothing_that_is_known_is_changed() -> None:
    known = replace(BUG, fields={"version": "6"})
    assert with_answers(known, CODES, "Version: 7.2", ()) is known
    assert [one.id for one in missing(known, CODES).fields] == ["seen"]
    assert not missing(replace(BUG, request_type=""), CODES)


@pytest.mark.parametrize(
    ("name", "wanted", "fits"),
    [
        ("router_log.txt", "log", True),
        ("Acme-Spec_Sheet 2.PDF", "spec sheet", True),
        ("catalogue.txt", "log", False),
        ("prices.XLSX", "*.xlsx", True),
        ("prices.xls", "*.xlsx", False),
    ],
)
def test_documents_by_their_names(name: str, wanted: str, fits: bool) -> None:
    assert is_document(name, wanted) is fits


def test_a_picture_in_a_signature_is_no_document() -> None:
    logo = Attachment("log.png", "image/png", 1, "0" * 64, inline=True)
    assert with_answers(BUG, CODES, "", [logo]).fields == {}
    assert with_answers(BUG, CODES, "", [replace(logo, inline=False)]).fields == {"log": "log.png"}
