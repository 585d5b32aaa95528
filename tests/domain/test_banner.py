"""What gateways put on top is no text; what people write there is."""

import random
import re
from re import _parser as grammar  # type: ignore[attr-defined]
from typing import Any

import pytest

from sitmail.domain import banner as room
from sitmail.domain import commands
from sitmail.domain.verbs import STAFF
from sitmail.reading.text import signature
from sitmail.reading.text.quoting import split
from tests.growing import LIMIT, ratio

BANNERS = [
    "CAUTION: This email originated from outside of the organization. Do not click links.",
    "[EXTERNAL]",
    "*** EXTERNAL EMAIL ***",
    "External sender",
    "EXTERNAL: Do not click links",
    "This message was sent from outside of your organization.",
    "You don't often get email from anna@example.org. Learn why this is important",
    "ACHTUNG: Diese E-Mail stammt von einem externen Absender.",
    "Externe E-Mail",
    "ATTENTION : Ce courriel provient de l'extérieur de l'organisation.",
    "PRECAUCIÓN: Este correo electrónico se originó fuera de la organización.",
    "ATTENZIONE: Questa e-mail proviene dall'esterno",
    "CUIDADO: Este e-mail foi originado fora da organização.",
    "LET OP: Deze e-mail komt van buiten de organisatie.",
    "UWAGA: Ta wiadomość pochodzi spoza organizacji.",
    "VARNING: Detta mejl kommer från en avsändare utanför organisationen",
    "ВНИМАНИЕ: Это письмо от внешнего отправителя",
    "【外部メール】",
    "注意：此邮件来自外部。",
]
WORDS = [
    "Attention: the external disk is full.",
    "External mail server is down.",
    "Warning: this message appears outside the window frame.",
    "This mail server is outside our net",
    "External",
]


@pytest.mark.parametrize("banner", BANNERS)
def test_banners_are_no_text(banner):
    assert split(f"{banner}\n\nThe disk is full.").new == "The disk is full."
    assert [c.verb for c in commands.read(f"{banner}\n\n/close\n\nDone.", STAFF, strict=True).commands] == ["close"]


@pytest.mark.parametrize("words", WORDS)
def test_words_on_top_stay(words):
    assert split(f"{words}\n\nThe disk is full.").new == f"{words}\n\nThe disk is full."


def test_a_banner_further_down_or_alone_is_text():
    assert split(f"The disk is full.\n\n{BANNERS[0]}\n\nHelp.").new.count("outside") == 1
    assert split(BANNERS[0]).new == BANNERS[0]


def test_a_banner_makes_no_answer_interleaved():
    assert split(f"{BANNERS[0]}\n\nDelete the logs.\n\n> The disk is full.", reply=True).new == "Delete the logs."


TYPED = ["／close solved", "/Close solved.", "/close\u00a0solved", "\u200b/CLOSE solved", "/close solved"]


@pytest.mark.parametrize("line", TYPED)
def test_commands_as_phones_type_them(line):
    script = commands.read(f"All is well.\n\n{line}", STAFF, strict=True)
    assert [(c.verb, c.argument) for c in script.commands] == [("close", "solved")]
    assert not script.mistakes
    numbered = commands.read_numbered(f"12： {line}", "", STAFF)
    assert [(c.numbers, c.verb, c.argument) for c in numbered.commands] == [((12,), "close", "solved")]


def test_a_full_stop_behind_a_verb_and_within_words():
    assert [c.verb for c in commands.read("/close.", STAFF, strict=True).commands] == ["close"]
    assert commands.read("/note It is done. All is well.", STAFF, strict=True).note == "It is done. All is well."


@pytest.mark.parametrize("piece", ["external ", "CAUTION: ", "this email ", "[", "／", "*"])
def test_growth(piece):
    def work(text: str) -> None:
        split(text)
        commands.read(text, STAFF, strict=True)

    small, large = (piece * (size // len(piece)) + "\n\nx" for size in (50_000, 200_000))
    assert ratio(work, small, large) < LIMIT


# --- words that are looked for before a pattern


def made(pattern: Any, chance: random.Random) -> str:
    """A text as the parsed pattern has it."""
    text = ""
    for code, value in pattern:
        match str(code):
            case "LITERAL":
                text += chr(value)
            case "NOT_LITERAL" | "ANY":
                text += "x"
            case "IN":
                kind, one = chance.choice(value)
                text += chr(one) if str(kind) == "LITERAL" else chr(one[0]) if str(kind) == "RANGE" else " "
            case "BRANCH":
                text += made(chance.choice(value[1]), chance)
            case "SUBPATTERN":
                text += made(value[-1], chance)
            case "MAX_REPEAT":
                least, most, inner = value
                text += "".join(made(inner, chance) for _ in range(chance.randint(least, min(most, least + 2))))
    return text


@pytest.mark.parametrize(
    "pattern, found",
    [
        (room._TAG, room._is_banner),
        (room._SENTENCE, room._is_banner),
        (signature._SENT_FROM, signature._is_sent_from),
    ],
)
def test_what_a_pattern_matches_has_one_of_its_words(pattern: re.Pattern[str], found: Any) -> None:
    parsed, chance, tried = grammar.parse(pattern.pattern, pattern.flags), random.Random(3), 0
    for _ in range(30_000):
        text = made(parsed, chance).strip()
        if text.isascii() and len(text) <= 100 and pattern.match(text) and not text.isalpha():
            assert found(text), text
            tried += 1
    assert tried > 100
