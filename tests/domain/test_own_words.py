"""Which lines of a mail its author wrote, judged by the marks of the parser and by what the desk has stored."""

from __future__ import annotations

import pytest

from sitmail.domain.memory import NOTHING_SAID, Said
from sitmail.domain.own_words import Words, by_memory, by_structure

LETTER = """Hello Anna,

your incident about the full disk is in the hands of Bob now.
He writes: please delete the logs of the last week, and tell us what you see then.

Kind regards
The support desk of the example company"""
ANSWER = "I have deleted them.\nIt works again."
SAID = Said(public=[LETTER])
STAFF = Said(internal=["Notes for staff only also go to: bob\nthe password of the printer is hunter2"], public=[LETTER])


def told(text: str, marks: str, said: Said = SAID, staff: bool = False) -> Words:
    lines = text.split("\n")
    assert len(lines) == len(marks), f"{len(lines)} lines"
    return by_memory(lines, marks, said, staff)


def plain(text: str, said: Said = SAID) -> Words:
    return told(text, " " * (text.count("\n") + 1), said)


# --- pages of our letters that nothing marks

TAKE = "Take <mailto:support+i1.abcdefghijklmnopq@example.com?subject=%5BSIT-1%5D&body=%2Ftake>"


@pytest.mark.parametrize(
    "added, new",
    [
        (f"{TAKE}\n\n/take", ""),
        (TAKE.replace("<mailto:", "(").replace(">", ")").replace("+", "%2B") + "\n/take", ""),
        ("Bob: please delete the logs", ""),
        ("/take", "/take"),  # not below its button
        (f"{TAKE}\nyes", "yes"),
        (
            "Take <mailto:bob@example.org?subject=x&body=%2Ftake>",
            "Take <mailto:bob@example.org?subject=x&body=%2Ftake>",
        ),
        ("Bob: please keep the logs", "Bob: please keep the logs"),
    ],
)
def test_what_a_page_holds_beside_the_words_is_ours(added: str, new: str) -> None:
    text = f"{ANSWER}\n\nFrom: the desk\n{added}\n{LETTER}"
    words = told(text, "   a" + "x" * (text.count("\n") - 3))
    assert words.new == ANSWER
    assert (new in words.answers) if new else not words.answers


# --- copies of our letters that nothing marks


def test_a_bare_letter_below_or_above_is_no_new_word() -> None:
    assert plain(f"{ANSWER}\n\n{LETTER}") == Words(ANSWER, quoted=LETTER)
    assert plain(f"{LETTER}\n\n{ANSWER}") == Words(ANSWER, quoted=LETTER)


def test_lines_that_were_wrapped_anew_are_known() -> None:
    wrapped = LETTER.replace("please delete", "please\ndelete").replace("in the hands", "in the\nhands")
    assert plain(f"{ANSWER}\n\n{wrapped}").new == ANSWER


def test_a_line_or_two_are_the_authors_doing() -> None:
    for few in ("Kind regards", "He writes: please delete the logs of the last week, and tell us what you see then."):
        assert plain(f"{ANSWER}\n{few}") == Words(f"{ANSWER}\n{few}")
    between = LETTER.replace("\n\nKind", "\n\nNo, I will not.\n\nKind") + f"\n\n{ANSWER}"
    assert "No, I will not." in plain(between).new


def test_if_nothing_would_remain_all_is_shown_apart() -> None:
    text = "> " + LETTER.replace("\n", "\n> ")
    assert told(f"Desk wrote:\n{text}", "a" + ">" * 7) == Words("", doubtful=f"Desk wrote:\n{text}")
    assert plain(ANSWER, NOTHING_SAID) == Words(ANSWER)


# --- quotations

KNOWN = "He writes: please delete the logs of the last week, and tell us what you see then."


@pytest.mark.parametrize("mark", [">", "x"])
def test_what_we_never_wrote_in_a_quotation_of_ours_is_the_authors(mark: str) -> None:
    got = told(f"See below.\nDesk wrote:\n{KNOWN}\nI cannot see PINEAPPLE.", f" a{mark}{mark}")
    assert (got.new, got.quoted) == ("See below.", "Desk wrote:")
    assert got.answers == f"{KNOWN}\nI cannot see PINEAPPLE."


def test_a_marked_quotation_of_something_else_is_proved_by_its_marks() -> None:
    assert told("Yes.\nTom wrote:\n> It rains.\n> A lot.", " a>>") == Words(
        "Yes.", quoted="Tom wrote:\n> It rains.\n> A lot."
    )


def test_what_follows_labels_that_are_not_of_a_letter_of_ours_is_doubtful() -> None:
    got = told("We got this:\nFrom: Hamburg\nPump 4711\nShould we pay?", " axx")
    assert (got.new, got.doubtful) == ("We got this:", "From: Hamburg\nPump 4711\nShould we pay?")


def test_what_a_letter_of_ours_quoted_itself_is_no_news() -> None:
    got = told(f"Thanks.\nFrom: Desk\n{KNOWN}\nFrom: Tom\nAn older letter.", " axax")
    assert (got.new, got.answers, got.doubtful) == ("Thanks.", "", "")


@pytest.mark.parametrize("staff", [True, False])
def test_lines_with_a_mark_that_nothing_introduces_are_the_authors_unless_we_wrote_them(staff: bool) -> None:
    got = told(f"Type this:\n> reset all\n> reboot now\nThen call.\n> {KNOWN}", " qq q", STAFF, staff)
    assert got.new == "Type this:\n> reset all\n> reboot now\nThen call."
    assert got.quoted == f"> {KNOWN}"


def test_an_attribution_without_a_mark_below_may_be_a_sentence() -> None:
    text = "Hello.\nOn 3 Aug 2026 the display said:\nERROR 17\nThen I called."
    assert told(text, " aww").answers == "On 3 Aug 2026 the display said:\nERROR 17\nThen I called."
    assert told(f"Yes.\nOn 3 Aug 2026 Desk wrote:\n{KNOWN}", " aw").quoted == f"On 3 Aug 2026 Desk wrote:\n{KNOWN}"


@pytest.mark.parametrize("kind", ["f", "b"])
def test_what_only_looks_like_a_footer_or_a_banner_is_doubtful_until_it_was_sent_before(kind: str) -> None:
    text, marks = "Found these:\n--\nrust\nloose screw", f" {kind * 3}"
    assert told(text, marks).doubtful == "--\nrust\nloose screw"
    again = told(text, marks, Said(public=[LETTER], habits=["--\nrust\nloose screw"]))
    assert (again.doubtful, again.signature + again.quoted) == ("", "--\nrust\nloose screw")
    assert told("Found these:\n--\nAnna", " ss").signature == "--\nAnna"


def test_the_footer_of_a_letter_of_ours_is_quoted() -> None:
    text = f"{ANSWER}\n{LETTER}\n-- \nNotes for staff only also go to: bob"
    got = told(text, " " * 9 + "ff", STAFF, staff=True)
    assert (got.new, got.doubtful, got.signature) == (ANSWER, "", "")


def test_an_answer_behind_a_quoted_line_is_not_lost() -> None:
    got = told(f"Desk wrote:\n> {KNOWN} - No, PINEAPPLE.\nSo long.", "a> ")
    assert (got.new, got.doubtful) == ("So long.", f"> {KNOWN} - No, PINEAPPLE.")


# --- an engineer, whose words may leave the house


def test_public_lines_stay_between_answers_and_those_for_staff_go() -> None:
    text = f"Desk wrote:\n> the password of the printer is hunter2\n> {KNOWN}\nDo it.\n> Kind regards\nIn May.\n> Bye."
    got = told(text, "a>> > >", STAFF, staff=True)
    assert got.new == f"> {KNOWN}\nDo it.\n> Kind regards\nIn May."
    assert "hunter2" in got.quoted


def test_words_mixed_with_those_for_staff_are_held_back() -> None:
    secret = "the password of the printer is hunter2"
    got = told(f"Below.\nDesk wrote:\n{KNOWN}\nsee {secret} there\nYes, PINEAPPLE.", " axxx", STAFF, staff=True)
    assert got.doubtful == f"see {secret} there"
    assert got.answers.endswith("Yes, PINEAPPLE.")


# --- by the structure alone


def test_if_nothing_is_new_by_the_structure_all_is_shown_and_no_line_is_a_command() -> None:
    assert by_structure(["> a", "> /close"], "qq") == Words("", "> a\n> /close")


@pytest.mark.parametrize(
    ("text", "marks", "new"),
    [
        ("I typed:\n> reset\nERROR\nDesk wrote:\n> Better?", " q a>", "I typed:\n> reset\nERROR"),
        ("I typed:\n> reset", " q", "I typed:\n> reset"),
        ("It works.\n> Better?", " q", "It works."),
        ("> Better?\nYes.", "q ", "Yes."),
        ("> On?\nYes.\n> Full?\nNo.", "q q ", "> On?\nYes.\n> Full?\nNo."),
    ],
)
def test_loose_marks_by_their_place(text: str, marks: str, new: str) -> None:
    assert by_structure(text.split("\n"), marks).new == new
