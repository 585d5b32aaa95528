"""Our own letters below an answer, without a mark."""

from sitmail.domain.unmarked_quotes import split

LETTER = """Hello Anna,

your incident about the full disk is in the hands of Bob now.
He writes: please delete the logs of the last week, and tell us what you see then.

Kind regards
The support desk of the example company"""
ANSWER = "I have deleted them.\nIt works again."


def test_a_bare_letter_below_or_above_is_no_new_word():
    assert split(f"{ANSWER}\n\n{LETTER}", [LETTER]) == (ANSWER, LETTER)
    assert split(f"{LETTER}\n\n{ANSWER}", [LETTER]) == (ANSWER, LETTER)


def test_lines_that_were_wrapped_anew_are_known():
    wrapped = LETTER.replace("please delete", "please\ndelete").replace("in the hands", "in the\nhands")
    assert split(f"{ANSWER}\n\n{wrapped}", [LETTER])[0] == ANSWER


def test_a_line_or_two_are_the_authors_doing():
    for few in ("Kind regards", "He writes: please delete the logs of the last week, and tell us what you see then."):
        assert split(f"{ANSWER}\n{few}", [LETTER]) == (f"{ANSWER}\n{few}", "")
    between = LETTER.replace("\n\nKind", "\n\nNo, I will not.\n\nKind") + f"\n\n{ANSWER}"
    assert "No, I will not." in split(between, [LETTER])[0]


def test_if_nothing_would_remain_all_stays():
    assert split(LETTER, [LETTER]) == (LETTER, "")
    assert split(ANSWER, []) == (ANSWER, "")
