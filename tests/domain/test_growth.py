"""The patterns of the rules, and the functions that use them on a letter's words, take time linear in its length."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import sitmail.domain
import sitmail.services
from sitmail.domain import commands, leak_guard, memory, own_words, short_answers, subject
from sitmail.domain.command_lines import read_line
from sitmail.domain.customer_verbs import CUSTOMER
from sitmail.domain.mail import Mail
from sitmail.domain.memory import Said
from sitmail.domain.numbered_commands import echoed_lines, mentions_in, read_numbered
from sitmail.domain.verbs import STAFF
from sitmail.reading.text import attribution, quoting
from tests.growing import every_pattern, grows

PATTERNS = every_pattern(sitmail.domain, sitmail.services)
pytestmark = pytest.mark.slow


def test_there_are_patterns_to_look_at() -> None:
    assert {"sitmail.domain.command_lines._TYPED.0", "sitmail.domain.numbered_commands._NUMBERS.0"} <= PATTERNS.keys()
    assert len(PATTERNS) > 30


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_matches_in_line(name: str) -> None:
    pattern = PATTERNS[name]
    assert not grows(pattern.match if isinstance(pattern.pattern, str) else lambda text: pattern.match(text.encode()))


def _quoting(text: str) -> Mail:
    return Mail(text=text, marks=quoting.split(text, reply=True).marks)


WORK: dict[str, Callable[[str], object]] = {
    "commands of staff": lambda text: commands.read(text, STAFF, strict=True),
    "commands of customers": lambda text: commands.read(text, CUSTOMER, strict=False),
    "numbered lines": lambda text: read_numbered(text, "", STAFF),
    "a numbered subject": lambda text: read_numbered("", text, STAFF),
    "commands of others": lambda text: commands.repeats_of_outsiders(
        commands.read(text, STAFF, strict=True), text, text
    ),
    "what may leave": lambda text: leak_guard.released(text, Said(["x" * 9, "a a a a a", text[:2000]])),
    "what commands name": lambda text: mentions_in(text, text),
    "a line": lambda text: read_line(text, bare=True),
    "numbered lines of others": lambda text: echoed_lines(read_numbered(text, text, STAFF), text, text, text),
    "thanks": short_answers.is_thanks,
    "yes": short_answers.is_yes_alone,
    "that it works": short_answers.confirms,
    "quotation": quoting.split,
    "quotation of a reply": lambda text: quoting.split(text, reply=True),
    "remembered words": lambda text: own_words.remembered(_quoting(text), Said(["x" * 9], [text[:2000]])),
    "remembered words of staff": lambda text: own_words.remembered(_quoting(text), Said([text[:2000]], ["x"]), True),
    "references": lambda text: subject.references(text, "SIT"),
    "base of a subject": subject.base,
    "an attribution": lambda text: attribution.attribution(text.split("\n"), 0),
    "tokens": lambda text: list(memory.words_of(text)),
}


@pytest.mark.parametrize("name", WORK)
def test_reading_grows_with_the_letter(name: str) -> None:
    assert not grows(WORK[name])
