"""Where a command may stand, and where it never does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain import commands
from sitmail.domain.choices import Choice, named
from sitmail.domain.customer_verbs import CUSTOMER
from sitmail.domain.numbered_commands import echoed_lines, numbers_of, read_numbered
from sitmail.domain.verbs import STAFF


def read(text: str, strict: bool = True) -> commands.Script:
    return commands.read(text, STAFF if strict else CUSTOMER, strict=strict)


def verbs(script: commands.Script) -> list[str]:
    return [command.verb for command in script.commands]


@pytest.mark.parametrize(
    "text, asked, words",
    [
        ("/take", ["take"], ""),
        ("/TAKE\n\n/Assign bob\nHello", ["take", "assign"], "Hello"),
        ("Hello\n\n/take\n", ["take"], "Hello"),
        ("/take\nHello\n/close solved", ["take", "close"], "Hello"),
        ("\n\n  /take  \n", ["take"], ""),
        ("/tmp/x is full", [], "/tmp/x is full"),
        ("/etc\nHello", ["etc"], "Hello"),
        ("CAUTION: This mail came from outside\nthe organisation.\n\n/take\nHello", ["take"], "Hello"),
        ("[EXTERNAL]\n\n/take", ["take"], ""),
        ("Caution, this is hot\n\nHello", [], "Caution, this is hot\n\nHello"),
        ("Hello /take", [], "Hello /take"),
    ],
)
def test_blocks_at_the_top_and_at_the_end(text: str, asked: list[str], words: str) -> None:
    script = read(text)
    assert verbs(script) + [m.line.lstrip("/").split()[0] for m in script.mistakes] == asked
    assert script.words == words


NEARLY_NOTE = [
    *("/note:", "/note,", "/note.", "/note!", "/note;", "/note...", "(/note)", '"/note"', "*/note*", "**/note**"),
    *("_/note_", "- /note", "* /note", "+ /note", "• /note", "– /note", "1. /note", "1) /note", "12: /note"),
    *("12:/note", "/ note", "// note", "//note", "\\note", "\\ note", "/\\note", "/*note*", "</note>", "#/note"),
    *("\uff0fnote", "\uff3cnote", "\u2215note", "\u2044note", "\uff0f\uff4e\uff4f\uff54\uff45"),  # wide ones
    *("/NOTE:", "/Note —", "/note--", "» /note", "\u200b/note", "/\u200bnote", "/note\u200b", "\ufeff\u2060 /note"),
    *("\xa0/note\xa0", "/\u00adnote"),
]


@pytest.mark.parametrize("above", ["Hello Dave", "Hello\n\nDave", ""])
@pytest.mark.parametrize("line", NEARLY_NOTE)
def test_below_what_is_nearly_a_note_nothing_is_public(line: str, above: str) -> None:
    for text in (
        f"{above}\n{line}\nsecret",
        f"{above}\n\n{line} secret\nmore secret",
        f"{above}\n{line} secret\n/take",
    ):
        script = read(text)
        assert "secret" not in script.words and script.words == above, text
        assert "secret" in script.note and not script.mistakes


@pytest.mark.parametrize("word", ["notes", "noet", "not", "nota", "note-secret", "notes:", "Notes -", "nоte"])
def test_what_is_hardly_a_note_sends_nothing(word: str) -> None:
    for text in (f"/{word} secret", f"Hello\n\n/{word} secret"):
        assert read(text).mistakes, text
    if word != "nоte":  # a letter of another alphabet: only in a block
        assert read(f"Hello\n/{word}\nsecret\nBye").mistakes


@pytest.mark.parametrize(
    "line",
    [
        *(
            "/tmp/x is full",
            "//server/share",
            r"\\server\share",
            "/usr/bin/note x",
            "http://example.com/note",
            "`/note x`",
        ),
        *(
            "> /note",
            "and / or note",
            "24/7 take",
            "1/2 note",
            ":/ take care",
            ":-/ take care",
            "a /note",
            "Bye / Anna",
        ),
    ],
)
def test_what_is_no_command_is_text(line: str) -> None:
    for text in (line, f"Hello\n{line}\nBye"):
        script = read(text)
        assert (script.commands, script.mistakes, script.note) == ((), (), ""), text
        assert script.words == text


@pytest.mark.parametrize(
    "line, verb, argument",
    [
        ("- /take", "take", ""),
        ("/ take", "take", ""),
        ("//take", "take", ""),
        ("/take!", "take", ""),
        ("**/close solved**", "close", "solved"),
        ('"/assign bob"', "assign", "bob"),
        ("／cc add jane@example.com", "cc", "add jane@example.com"),
        ("/title: The lamp (red)", "title", "The lamp (red)"),
        ("/wait:3d", "wait", "3d"),
        ("\\priority high", "priority", "high"),
    ],
)
def test_a_near_miss_is_that_verb_for_engineers_alone(line: str, verb: str, argument: str) -> None:
    assert [(c.verb, c.argument) for c in read(f"{line}\nHello").commands] == [(verb, argument)]
    assert read(f"Hello\n{line}\nBye").mistakes, "not in the middle"
    if not line.startswith("／"):
        assert not read(f"{line}\nHello", strict=False).commands


@pytest.mark.parametrize("line", ["1. /take", "12: /take", "12:/close solved"])
def test_a_line_with_a_number_is_for_the_command_address(line: str) -> None:
    assert [m.hint for m in read(line).mistakes] == [commands.NUMBERED]


@pytest.mark.parametrize(
    "text, words",
    [
        ("/public Hello Dave", "Hello Dave"),
        ("/keep I come at ten\n\nBye", "I come at ten\n\nBye"),
        ("Hello\n\n/keep I come at ten", "Hello\n\nI come at ten"),
        ("/take\n/public Hello\n/keep Dave", "Hello\nDave"),
    ],
)
def test_words_behind_verbs_that_take_none_are_words(text: str, words: str) -> None:
    script = read(text)
    assert (script.words, script.mistakes) == (words, ())
    assert not any(c.argument for c in script.commands)


@pytest.mark.parametrize(
    "line", ["/research the cable", "/take /priority low", "/reopen it", "/review all", "/take it"]
)
def test_words_behind_other_verbs_are_not_lost_but_refused(line: str) -> None:
    assert ["nothing stands behind" in m.hint for m in read(line).mistakes] == [True]


@pytest.mark.parametrize(
    ("text", "words"), [("/reopen it is red", "it is red"), ("/entitlement me\nHello", "me\nHello")]
)
def test_words_behind_a_customers_verb_are_his_words(text: str, words: str) -> None:
    assert read(text, strict=False).words == words


def test_a_known_verb_in_the_middle_is_a_mistake_for_staff_and_text_for_customers() -> None:
    text = "Hello\n/close solved\nBye"
    assert [m.line for m in read(text).mistakes] == ["/close solved"]
    customers = read(text, strict=False)
    assert (customers.commands, customers.mistakes, customers.words) == ((), (), text)


@pytest.mark.parametrize("line", ["/take", "/assign bob", "/note x", "/public", "/cc-all", "/frob"])
def test_a_customer_has_only_his_own_verbs(line: str) -> None:
    script = read(f"{line}\nHello", strict=False)
    assert script.commands == () and script.words == f"{line}\nHello" and not script.note


@pytest.mark.parametrize(
    "text, words, note, asked",
    [
        ("Hello\n/note\nsecret", "Hello", "secret", []),
        ("/note secret", "", "secret", []),
        ("/take\nHello\n/note secret\nmore\n/keep", "Hello", "secret\nmore", ["take", "keep"]),
        ("/note\n/take\nsecret", "", "secret", ["take"]),
        ("/note a\n/note b", "", "a\nb", []),
        ("/note a\n/note\nb", "", "a\n\nb", []),
    ],
)
def test_below_note_everything_is_internal(text: str, words: str, note: str, asked: list[str]) -> None:
    script = read(text)
    assert (script.words, script.note, bool(script.noted)) == (words, note, True)
    assert [v for v in verbs(script) if v != "note"] == asked


@given(st.lists(st.sampled_from(["Hello", "/note", "/take", "/close solved", "secret", "", "> q", "/public"])))
def test_no_line_below_note_is_ever_public(lines: list[str]) -> None:
    if "/note" in lines:
        at = lines.index("/note")
        marked = [*lines[:at], "/note", *(f"{line}!" if line else "" for line in lines[at + 1 :])]
        assert "!" not in read("\n".join(marked)).words


def test_a_mail_is_no_program() -> None:
    assert read("\n".join(["/take"] * 21)).mistakes
    assert read("/title " + "x" * 2000).mistakes
    assert not read("\n".join(["/take"] * 20)).mistakes


# --- what others wrote never runs

LETTER = "A plain reply to this letter is read by: Jane\n\nJane wrote (1#1):\n\n{}\n\nIncident: [SIT-1] Printer"


@pytest.mark.parametrize(
    "others, mail",
    [
        ("look\n/close solved", "Thanks.\n\nlook\n/close solved"),  # bottom of an unmarked quotation
        ("look\n/note\n/close solved\nbye", "Thanks.\n\n" + LETTER.format("look\n/note\n/close solved\nbye")),
        ("a line so long that programs break it /close solved", "Thanks.\n/close solved"),  # broken by a program
        ("please   /CLOSE solved", "Thanks.\n/close  Solved"),
        ("look\n／close solved", "Thanks.\n\nlook\n／close solved"),
        ("／close solved", "Thanks.\n/close solved"),
        ("/close solved", "Thanks.\n//close: solved"),
        ("- /close\nsolved", "Thanks.\n/close solved"),
        ("**/close** solved", "Thanks.\n\u200b/close solved."),
    ],
)
def test_commands_that_somebody_outside_wrote_are_refused(others: str, mail: str) -> None:
    script = read(mail)
    assert script.mistakes or commands.repeats_of_outsiders(script, mail, others)


@pytest.mark.parametrize(
    "others, mail, text",
    [
        ("please /close solved", "/close solved\nThanks.", "/close solved\nThanks.\n\n> please /close solved"),
        ("please /close solved", "/close solved", "\n[EXTERNAL] outside mail\n\n/close solved\n> please"),
        ("please /close solvedness", "Thanks.\n/close solved", "Thanks.\n/close solved"),
        ("close solved", "Thanks.\n/close solved", "Thanks.\n/close solved"),
        ("", "Thanks.\n/close solved", "Thanks.\n/close solved"),
    ],
)
def test_what_an_engineer_typed_at_the_top_or_nobody_else_wrote_is_his(others: str, mail: str, text: str) -> None:
    assert not commands.repeats_of_outsiders(read(mail), text, others)


def test_a_quotation_alone_is_no_command_even_where_it_is_all_there_is() -> None:
    """A program broke the quoted line; what is left as new words begins with the customer's."""
    text = "> a line that was broken by a program\n/close solved"
    others = "a line that was broken by a program /close solved"
    assert commands.repeats_of_outsiders(read("/close solved"), text, others)


# --- lines that begin with numbers


@pytest.mark.parametrize(
    "line, numbers, rest",
    [
        ("12: /take", (12,), "/take"),
        ("12,13 , 14: /close solved", (12, 13, 14), "/close solved"),
        ("[SIT-12]: hello", (12,), "hello"),
        ("SIT-12, SIT-13: hello: you", (12, 13), "hello: you"),
        ("12 - sla late", (), "12 - sla late"),
        ("1234567890: x", (), "1234567890: x"),
        ("12 hello", (), "12 hello"),
        ("١٢: x", (), "١٢: x"),
        ("at 12: x", (), "at 12: x"),
    ],
)
def test_numbers_of_a_line(line: str, numbers: tuple[int, ...], rest: str) -> None:
    assert numbers_of(line) == (numbers, rest)


@pytest.mark.parametrize(
    "text, subject, asked, answers, mistakes",
    [
        ("12: /take\n13: close the window, please", "", [("take", (12,))], [((13,), "close the window, please")], 0),
        ("12: close", "", [("close", (12,))], [], 0),
        ("12: Close.", "", [("close", (12,))], [], 0),
        ("12,13: close solved", "", [("close", (12, 13))], [], 0),
        ("12: wait 3d\n13: Hello", "", [("wait", (12,))], [((13,), "Hello")], 0),
        ("12: cc add jane@example.com john@example.com", "", [("cc", (12,))], [], 0),
        ("12: schliessen gelöst", "", [("close", (12,))], [], 0),
        ("12: close the window", "", [("close", (12,))], [], 0),
        ("12: Why?", "", [], [((12,), "Why?")], 0),
        ("12: `close`", "", [], [((12,), "`close`")], 0),
        ("12: Close it by hand, please", "", [], [((12,), "Close it by hand, please")], 0),
        ("12: Closed", "", [], [((12,), "Closed")], 0),
        ("12: Hello\nyou there", "", [], [((12,), "Hello\nyou there")], 0),
        ("help", "", [("help", ())], [], 0),
        ("", "12: /take", [("take", (12,))], [], 0),
        ("", "A printer", [], [], 0),
        ("12: /frob", "", [], [], 1),
        ("what is this", "", [], [], 1),
        ("12: Hello\n/frob", "", [], [((12,), "Hello")], 1),
    ],
)
def test_lines_for_the_command_address(
    text: str, subject: str, asked: list[object], answers: list[object], mistakes: int
) -> None:
    script = read_numbered(text, subject, STAFF)
    assert [(c.verb, c.numbers) for c in script.commands] == asked
    assert [(one.numbers, one.words) for one in script.said] == answers and len(script.mistakes) == mistakes


@pytest.mark.parametrize("line", ["12: /note", "12: //note", "12: - /note:", "12: ／note", "12:/note"])
def test_a_note_at_the_command_address_is_never_an_answer(line: str) -> None:
    script = read_numbered(f"{line} secret\nmore\n13: Hello", "", STAFF)
    assert [(one.numbers, one.words, one.internal) for one in script.said] == [
        ((12,), "secret\nmore", True),
        ((13,), "Hello", False),
    ]


@pytest.mark.parametrize(
    "line",
    [
        *("12: note x", "12: note: x", "12: note", "12: note she has not paid since March", "12: /notes x"),
        *("12: - /noet x", "12: /take it", "12: take it", "12: Take care!", "12: title Printer", "12: public Hello"),
        *("12: keep", "12: keep calm"),
    ],
)
def test_what_is_hardly_a_command_there_is_a_mistake(line: str) -> None:
    assert read_numbered(line, "", STAFF).mistakes


@pytest.mark.parametrize(
    "line", ["12: /close solved", "12, 13: /close solved", "12: send the money", "12: ／close solved"]
)
def test_numbered_lines_of_others_do_not_run(line: str) -> None:
    script = read_numbered(f"14: /take\n\nOn Monday Jane wrote:\n{line}", "", STAFF)
    text = f"14: /take\n\nOn Monday Jane wrote:\n{line}"
    assert [m.line for m in echoed_lines(script, text, "", f"please\n{line}\nthanks")] == [line]
    assert not echoed_lines(script, text, "", "please close it")
    typed = read_numbered(line, "", STAFF)
    assert not echoed_lines(typed, f"{line}\n\nOn Monday", "", line)


# --- names

CHOICES = [Choice("awaiting-customer", "Waiting for the customer"), Choice("active", "Active"), Choice("done", "Done")]


@pytest.mark.parametrize(
    "word, found",
    [
        ("active", "active"),
        ("ACT", "active"),
        ("awaiting customer", "awaiting-customer"),
        ("awaiting_customer", "awaiting-customer"),
        ("waiting", "awaiting-customer"),
    ],
)
def test_a_start_that_is_clear_names_one(word: str, found: str) -> None:
    assert named(word, "status", CHOICES) == found


@pytest.mark.parametrize(
    "word, says", [("a", "may be"), ("", "which status"), ("actve", "did you mean"), ("%", "one of")]
)
def test_what_is_not_clear_is_asked(word: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        named(word, "status", CHOICES)


@pytest.mark.parametrize("line", ["/note secret", "- /note: secret", "//notes secret", "/close solved"])
def test_what_looks_like_a_command_between_quoted_lines_sends_nothing(line: str) -> None:
    script = commands.with_answers(read("Hello"), f"Yes\n{line}", STAFF)
    assert [m.hint for m in script.mistakes] == [commands.MISPLACED]
    assert not commands.with_answers(read("Hello", strict=False), f"Yes\n{line}").mistakes
