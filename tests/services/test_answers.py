"""Quotations of our letters are recognised in customers' replies, even without quotation marks."""

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


LOGO = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WITH_LOGO = (
    "MIME-Version: 1.0",
    "Content-Type: multipart/related; boundary=b",
)


def with_logo(words: str) -> str:
    return (
        f"--b\nContent-Type: text/plain\n\n{words}\n--b\nContent-Type: image/png; name=logo.png\n"
        f"Content-Disposition: inline; filename=logo.png\nContent-Transfer-Encoding: base64\n\n{LOGO}\n--b--"
    )


def test_a_logo_is_kept_once_an_incident(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk()
    desk.say(f"Jane Doe <{JANE}>", with_logo("The printer stopped."), subject="Printer", headers=WITH_LOGO)
    desk.say(ANNA, "/public\nWhich one?", answers=desk.last(ANNA, "assigned"))
    desk.say(JANE, with_logo("The red one."), answers=desk.last(JANE), headers=WITH_LOGO)
    desk.say(JANE, with_logo(""), answers=desk.last(JANE), headers=WITH_LOGO)
    assert [row["name"] for row in desk.rows("attachment")] == ["logo.png", "logo.png"]
    assert desk.rows("update_text")[-2]["text"] == "The red one."
