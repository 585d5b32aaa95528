"""Banners that gateways put above a letter are left out of its text; what people write there is kept."""

import pytest

from sitmail.domain import commands, numbered_commands
from sitmail.domain.verbs import STAFF
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
    numbered = numbered_commands.read_numbered(f"12： {line}", "", STAFF)
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
