"""What is a score, what is none, and what is asked about again."""

from __future__ import annotations

import pytest

from sitmail.domain.score import Answer, read

NAMES = ("Jane Doe", "Anna Smith")


@pytest.mark.parametrize(
    "text, score, words",
    [
        ("4", 4, ""),
        (" 4.\n", 4, ""),
        ("4/5", 4, ""),
        ("4 / 5", 4, ""),
        ("4 out of 5", 4, ""),
        ("4 von 5", 4, ""),
        ("5!", 5, ""),
        ("1!!!", 1, ""),
        ("3?", 3, ""),
        ("four", 4, ""),
        ("Vier.", 4, ""),
        ("quatre", 4, ""),
        ("**5**", 5, ""),
        ('"4"', 4, ""),
        ("> 4", 4, ""),
        ("⭐ 4 ⭐", 4, ""),
        ("5️⃣", 5, ""),
        ("5 stars", 5, ""),
        ("My rating: 4", 4, ""),
        ("5 thanks", 5, "thanks"),
        ("4. Thanks", 4, "Thanks"),
        ("5 thank you Anna, you were great", 5, "thank you Anna, you were great"),
        ("4 quick and friendly", 4, "quick and friendly"),
        ("5 sehr gut", 5, "sehr gut"),
        ("2 - it took too long", 2, "it took too long"),
        ("3 stars, slow", 3, "slow"),
        ("4: nice", 4, "nice"),
        ("2\nNobody called.", 2, "Nobody called."),
        ("2, slow\n\nNobody called.", 2, "slow\nNobody called."),
    ],
)
def test_a_score(text: str, score: int, words: str) -> None:
    assert read(text, 5, *NAMES) == Answer(score, words)


@pytest.mark.parametrize(
    "text", ["0", "6", "10/10", "8 of 10", "7/7", "3.5", "3,5", "4-5", "4 or 5", "-1", "100", "six", "6 - great"]
)
def test_a_number_that_the_scale_does_not_have(text: str) -> None:
    found = read(text, 5, *NAMES)
    assert found is not None and found.score is None and not found.enough


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5 days ago it broke again",
        "10 users cannot log in",
        "2 printers are broken",
        "2 bad disks",
        "4 out of 5 users cannot log in",
        "3 of 5 printers",
        "5. March it broke",
        "1. It is broken\n2. Nobody called",
        "1 - printer\n2 - scanner",
        "1) It is broken",
        "5 thanks, but it broke again",
        "1 and 2",
        "2:30 pm",
        "2024-12-01 it broke",
        "5th floor",
        "3 PCs",
        "One thing is still broken",
        "un problème",
        "Thanks, 5",
        "stop the printer",
        "unsubscribe\nand by the way, it broke again",
        "5 " + "quick " * 100,
    ],
)
def test_words(text: str) -> None:
    assert read(text, 5, *NAMES) is None


@pytest.mark.parametrize("text", ["unsubscribe", "Unsubscribe.", "STOP", "abmelden", "Se désabonner", "stop feedback"])
def test_the_wish_not_to_be_asked(text: str) -> None:
    assert read(text, 5) == Answer(None, enough=True)


def test_the_scale_is_the_one_that_was_asked_with() -> None:
    assert read("9", 10) == Answer(9)
    assert read("9/10", 10) == Answer(9)
    assert read("4/5", 10) == Answer(None)
