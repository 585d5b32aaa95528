"""What a customer's program repeats of our letters is known by heart, even without a mark."""

from __future__ import annotations

from collections.abc import Callable

from tests.services.small_desk import ANNA, JANE, SmallDesk

WORDS = "It stopped again.\nPlease send somebody."


def test_a_bare_letter_of_ours_below_an_answer_is_no_new_word(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk()
    desk.say(f"Jane Doe <{JANE}>", "The printer stopped.", subject="Printer")
    told = (
        "Switch it off, please, and wait for as long as a minute.\nThen switch it on,\nand tell us what the lamps do."
    )
    desk.say(ANNA, f"/public\n{told}", answers=desk.last(ANNA, "assigned"))
    letter = desk.last(JANE)
    assert "lamps" in letter.text
    desk.say(JANE, f"{WORDS}\n\n{letter.text}", answers=letter)
    kept = desk.rows("update_text")[-1]
    assert kept["text"] == WORDS
    assert "lamps" in kept["quoted"]
    assert "lamps" not in desk.last(ANNA).text.partition(WORDS)[2][:80]
