"""What people answer when they are asked why an incident shall be closed."""

from __future__ import annotations

import pytest

from sitmail.domain.closing_reasons import is_reason


@pytest.mark.parametrize(
    "text",
    [
        "We bought another printer.",
        "It was the cable.",
        "The problem went away",
        "we moved to another office",
        "Solved by ourselves",
        "Duplicate of 5",
        "It works now",
        "Because it works",
        "Yes",
        "No longer needed, thanks",
        "Not needed",
        "It's not necessary",
        "No need any more",
        "We do not need it any more",
        "don't need it anymore",
        "Never mind",
        "It no longer happens",
        "no problem any more",
        "wir brauchen es nicht mehr",
        "Nein, brauchen wir nicht mehr",
        "Wird nicht mehr benötigt",
        "Tritt nicht mehr auf",
        "Kein Problem mehr",
        "Hat sich erledigt",
        "Nous n'en avons plus besoin",
        "plus besoin",
    ],
)
def test_a_reason(text: str) -> None:
    assert is_reason(text, "Jane Doe")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "No.",
        "nope",
        "No, still broken",
        "still broken",
        "Actually it's broken again",
        "It does not work",
        "It no longer works",
        "Not yet",
        "No we still need it",
        "Please wait",
        "Please don't close it",
        "Keep it open",
        "Why?",
        "Does it need a reason?",
        "Nein",
        "Nein, geht noch nicht",
        "geht nicht mehr",
        "Druckt nicht",
        "Nein, bitte offen lassen",
        "Non, toujours en panne",
        "ça ne marche pas",
        "ne marche plus",
    ],
)
def test_no_reason(text: str) -> None:
    assert not is_reason(text, "Jane Doe")
