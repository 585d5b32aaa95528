"""Header fields written by a spam or virus scanner, and fields that only look like them."""

from __future__ import annotations

import pytest

from sitmail.domain.scanner_marks import marked


@pytest.mark.parametrize(
    ("field", "value", "setting", "found"),
    [
        ("x-spam-flag", "YES", "X-Spam-Flag: YES", True),
        ("x-spam-flag", " yes ", "X-Spam-Flag: YES", True),
        ("x-spam-flag", "NO", "X-Spam-Flag: YES", False),
        ("x-spam-status", "Yes, score=9.1", "X-Spam-Status: yes", True),
        ("x-virus", "found Worm", "X-Virus", True),
        ("x-virus", "infected", "X-Virus: infected", True),
        ("x-virus", "found Worm", "X-Virus: infected", False),
        ("x-virus", "Clean", "X-Virus", False),
        ("x-virus", "", "X-Virus", False),
        ("x-other", "YES", "X-Spam-Flag: YES", False),
        ("x-spam-flag", "YES", "", False),
    ],
)
def test_a_field_marks_a_mail(field: str, value: str, setting: str, found: bool) -> None:
    assert marked({field: (value,)}, setting) is found


def test_any_of_several_fields_counts() -> None:
    assert marked({"x-spam-flag": ("NO", "YES")}, "X-Spam-Flag: YES")
