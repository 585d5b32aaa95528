"""Letters inside letters."""

import pytest

from sitmail.domain.forwarding import find
from sitmail.domain.mail import Address

EN = (
    "From: Anna <anna@example.org>\nDate: Mon, 2 Nov 2026\nSubject: disk\n"
    "To: <bob@example.org>\nCc: Eve <eve@example.org>\n"
)
MARKED = [
    "---------- Forwarded message ---------\n" + EN,
    "Begin forwarded message:\n\n" + EN,
    "-------- Forwarded Message --------\n" + EN.replace(": ", ": \t"),
    "---------- Weitergeleitete Nachricht ---------\nVon: Anna <anna@example.org>\nDatum: heute\nBetreff: disk\n"
    "An: bob@example.org\nCc: eve@example.org\n",
    "-------- Message transféré --------\nSujet : disk\nDate : x\nDe : Anna <anna@example.org>\n"
    "Pour : bob@example.org\n"
    "Copie à : eve@example.org\n",
    "---------- Mensaje reenviado ---------\nDe: Anna <anna@example.org>\nAsunto: disk\nPara: bob@example.org\n"
    "CC: eve@example.org\n",
    "Inizio messaggio inoltrato:\n\nDa: Anna <anna@example.org>\nOggetto: disk\nA: bob@example.org\n"
    "Cc: eve@example.org\n",
    "Begin doorgestuurd bericht:\n\nVan: Anna <anna@example.org>\nOnderwerp: disk\nAan: bob@example.org\n"
    "Cc: eve@example.org\n",
    "Início da mensagem encaminhada:\n\nDe: Anna <anna@example.org>\nAssunto: disk\nPara: bob@example.org\n"
    "Cc: eve@example.org\n",
    "-------- Przekazana wiadomość --------\nOd: Anna <anna@example.org>\nTemat: disk\nDo: bob@example.org\n"
    "Cc: eve@example.org\n",
    "Vidarebefordrat brev:\n\nFrån: Anna <anna@example.org>\nÄmne: disk\nTill: bob@example.org\n"
    "Kopia: eve@example.org\n",
    "----- Forwarded Message ----- From: Anna <anna@example.org>To: bob@example.orgCc: Eve <eve@example.org>"
    "Sent: Monday, 09:26:50 AM GMT+1Subject: disk\n",
]


@pytest.mark.parametrize("block", MARKED)
def test_blocks_with_a_marker(block):
    found = find(f"Please see below.\n\n{block}\nThe disk is full.\n", "whatever")
    assert found is not None
    letter = found.forwarded
    assert found.own == "Please see below."
    assert letter.sender == Address("Anna", "anna@example.org")
    assert [p.address for p in letter.to] == ["bob@example.org"]
    assert [p.address for p in letter.cc] == ["eve@example.org"]
    assert (letter.subject, letter.text) == ("disk", "The disk is full.")


def test_quoted_blocks_lose_their_marks():
    quoted = "".join(f"> {line}\n" for line in f"Begin forwarded message:\n\n{EN}\nThe disk\nis full.".split("\n"))
    found = find(quoted, "")
    assert found is not None
    assert found.forwarded.text == "The disk\nis full."


OUTLOOK = "From: Anna <anna@example.org>\nSent: Monday\nTo: Bob\nSubject: disk\n\nThe disk is full."


def test_a_header_block_alone_needs_the_subject_of_a_forward():
    assert find("See.\n\n" + OUTLOOK, "FW: disk") is not None
    assert find("See.\n\n" + OUTLOOK, "disk") is None
    assert find("See.\n\n________________________________\n" + OUTLOOK, "disk") is not None


@pytest.mark.parametrize("text", [*MARKED, OUTLOOK, "-----Original Message-----\n" + OUTLOOK])
def test_a_reply_is_never_a_forward(text):
    assert find(text, "Re: disk", answers=True) is None


def test_an_answer_without_prefix_is_no_forward_by_a_ruled_line():
    assert find("Yes.\n\n-----Original Message-----\n" + OUTLOOK, "disk", answers=True) is None


def test_an_attribution_is_a_forward_only_with_its_subject():
    text = 'FYI\n\nOn 28/10/2026 12:46, "Anna" <anna@example.org> wrote:\n\n    The disk is full.\n'
    found = find(text, "FW: disk")
    assert found is not None
    assert (found.own, found.forwarded.subject) == ("FYI", "disk")
    assert found.forwarded.sender == Address("Anna", "anna@example.org")
    assert find(text, "disk") is None


def test_words_about_forwarding_are_no_forward():
    assert find("I forwarded message 3 to Bob.\nForwarded message: none arrived.", "mail") is None
