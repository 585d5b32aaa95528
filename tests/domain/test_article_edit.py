"""What a reply changes of an article: read as mail programs send it, whatever they did to the quotation."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain import article_text
from sitmail.domain.article import SECTIONS, Content, Distribution, Part, Section, ordered
from sitmail.domain.article_edit import applied, difference, mended, read_reply
from sitmail.domain.article_text import block, parse
from sitmail.domain.mail import Mail
from sitmail.reading.parse import parse as parsed
from tests.examples import examples

LAMP = Content(
    "The red lamp of a printer that stands on the third floor of a house",
    Distribution.PUBLIC,
    "en",
    ("lamp", "printer"),
    (
        Section(Part.SYMPTOMS, "A red lamp burns.\n\nNothing is printed, whatever is sent to it."),
        Section(Part.CAUSE, "The fuser is too hot.", Distribution.PRIVATE),
        Section(
            Part.SOLUTION, "Unplug the printer for a minute, and then switch it on again.\n- wait\n- push the button"
        ),
    ),
)
LETTER = (
    f"INTERNAL: a plain reply is read by: the desk\n\nKB7.2 is drafted.\n\n{block(7, 2, LAMP)}\n\nTo change it, reply."
)
OURS = frozenset(LETTER.split("\n"))


def reply(text: str) -> Mail:
    raw = f"From: a@example.com\nTo: b@example.com\nSubject: Re: [KB7.2]\nIn-Reply-To: <x@y>\n\n{text}"
    return parsed(raw.encode())


def quoted(text: str, mark: str = "> ", width: int = 0) -> str:
    lines = [each for line in text.split("\n") for each in (textwrap.wrap(line, width) or [""] if width else [line])]
    return "\n".join((mark + line).rstrip() for line in lines)


def after(text: str) -> Content:
    found = read_reply(reply(text), LAMP, lambda line: line in OURS)
    assert not found.wrong, found.wrong
    content, wrong = applied(LAMP, found.edit)
    assert not wrong, wrong
    return content


ATTRIBUTION = "On Mon, 2 Mar 2026 at 09:00, Example Support <support@example.com> wrote:\n\n"


@pytest.mark.parametrize("width", [0, 72, 40, 24])
@pytest.mark.parametrize("mark", ["> ", ">", "> > "])
def test_a_quotation_that_is_only_broken_changes_nothing(mark: str, width: int):
    assert after(f"Thanks!\n\n{ATTRIBUTION}{quoted(LETTER, mark, width)}") == LAMP


@pytest.mark.parametrize("width", [0, 72, 40])
def test_what_is_changed_within_the_quotation_is_changed(width: int):
    changed = LETTER.replace("Unplug the printer for a minute", "Unplug it for an hour")
    found = after(ATTRIBUTION + quoted(changed, "> ", width))
    assert " ".join(found.text(Part.SOLUTION).split()).startswith("Unplug it for an hour, and then switch it on again.")
    assert found.text(Part.SYMPTOMS) == LAMP.text(Part.SYMPTOMS)
    assert found.text(Part.SOLUTION).endswith("\n- wait\n- push the button")


def test_a_line_typed_between_quoted_ones_joins_its_section():
    first, second = LETTER.split("- push the button")
    text = f"{ATTRIBUTION}{quoted(first.rstrip())}\n- count to ten\n{quoted('- push the button' + second)}"
    assert "- wait\n- count to ten\n- push the button" in after(text).text(Part.SOLUTION)


def test_a_quotation_without_marks_is_told_by_its_lines():
    assert after(f"Cause:\nDust.\n\n{LETTER}").text(Part.CAUSE) == "Dust."
    assert after(f"{LETTER}\n\nCause:\nDust.").text(Part.CAUSE) == "Dust."


def test_a_quotation_that_is_cut_changes_nothing_or_is_refused():
    cut = LETTER[: LETTER.index("for a minute")]
    assert after(ATTRIBUTION + quoted(cut)) == LAMP
    changed = cut.replace("Unplug the printer", "Throw the printer away")
    found = read_reply(reply(ATTRIBUTION + quoted(changed)), LAMP, lambda line: line in OURS)
    assert [line for line, _ in found.wrong] == ["Solution:"]


def test_the_same_section_in_both_places_is_refused():
    changed = LETTER.replace("for a minute", "for an hour")
    found = read_reply(reply(f"Solution:\nWait.\n\n{ATTRIBUTION}{quoted(changed)}"), LAMP, lambda line: line in OURS)
    assert [line for line, _ in found.wrong] == ["Solution:"]


def test_only_what_is_sent_changes():
    assert after("Solution:\nWait.").text(Part.SOLUTION) == "Wait."
    assert after("Solution:\nWait.").sections[:2] == LAMP.sections[:2]
    assert after("Cause:\n-").section(Part.CAUSE) is None
    assert after("Cause:\nDust.").section(Part.CAUSE) == Section(Part.CAUSE, "Dust.", Distribution.PRIVATE)
    assert after("Tags: a, B,a\nTitle:  A   lamp").tags == ("a", "b")


def test_commands_stand_on_top_or_with_a_slash_at_the_end():
    found = read_reply(reply("Publish.\n\nSolution:\nWait.\n\n/subscribe"), LAMP, lambda _: False)
    assert [verb for verb, _, _ in found.commands] == ["publish", "subscribe"]
    assert found.edit.sections == {Part.SOLUTION: "Wait."}
    inside = read_reply(reply("Solution:\nFirst\npublish"), LAMP, lambda _: False)
    assert (inside.commands, inside.edit.sections) == ((), {Part.SOLUTION: "First\npublish"})


LINES = (
    "Solution:",
    "Cause (private):",
    "Title: x",
    "-",
    "\\",
    "\\Solution:",
    "=== KB7.2 ===",
    "wait",
    "",
    "Note:",
    "> x",
    "Sollution:",
)
TEXTS = st.lists(st.sampled_from(LINES), min_size=1, max_size=6).map(lambda lines: "\n".join(lines).strip("\n"))
WRITTEN = st.tuples(TEXTS, st.sampled_from((None, *Distribution)))


@examples(300)
@given(st.dictionaries(st.sampled_from(SECTIONS), WRITTEN), st.sampled_from(("", "de", "fr")))
def test_what_is_printed_is_read_again(written: dict[Part, tuple[str, Distribution | None]], language: str):
    sections = {part: Section(part, text, own) for part, (text, own) in written.items() if text.strip()}
    content = Content("A lamp", Distribution.PUBLIC, language, ("x",), ordered(sections))
    read = parse(block(7, 1, content).split("\n")[1:-1])
    assert not read.wrong
    assert {part: text.strip() for part, text in read.sections.items()} == {
        one.part: one.text.strip() for one in content.sections
    }
    assert {part: own for part, own in read.own.items() if own} == {
        one.part: one.distribution for one in content.sections if one.distribution
    }


def test_a_difference_holds_what_changed_and_nothing_else():
    newer = after("Title: The lamp\n\nCause:\n-\n\nStatus:\nFixed in 7.2")
    assert difference(LAMP, newer) == [
        ("", [("-", f"Title: {LAMP.title}"), ("+", "Title: The lamp")]),
        ("Cause", [("-", "(private)"), ("-", "The fuser is too hot.")]),
        ("Status", [("+", "Fixed in 7.2")]),
    ]
    assert difference(LAMP, LAMP) == []


def test_line_ends_come_back_where_the_same_words_stand():
    assert mended("a b c\n\nd e", "a b\nc d e") == "a b c\n\nd e"
    assert mended("a b c d", "a b\nx d") == "a b\nx d"


def test_headings_are_the_same_in_each_language():
    for names in article_text.HEADINGS.values():
        for part, name in names.items():
            found = article_text.heading(f"{name} :")
            assert found is not None
            assert found.part is part
