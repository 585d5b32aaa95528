"""A customer and an engineer hold one conversation through Postfix, Dovecot and the desk, with each mail program."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.peers import conversation, mail_world
from tests.peers.conversation import ANSWERED, OPENED, THANKED, Told
from tests.peers.mail_programs import PROGRAMS, text_of
from tests.peers.mail_world import MailWorld

FOOT = "Example Support | "  # the one line that stands under everybody's letters
LETTERS = {
    "carol": ["acknowledgement", "answer", "customer_closed"],
    "ann": ["assigned", "customer_wrote", "verdict"],
}


@pytest.fixture(scope="module")
def world() -> Iterator[MailWorld]:
    for needed in ("postfix", "dovecot"):
        if shutil.which(needed) is None:
            pytest.skip(f"needs {needed} (make peers)")
    if os.geteuid() != 0:
        pytest.skip("needs root to start a private postfix and dovecot")
    with mail_world.opened() as world:
        yield world


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_conversation(world: MailWorld, program: str, tmp_path: Path) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"needs {program} (make peers)")
    told = conversation.play(world, program, tmp_path)
    assert {user: [letter["X-Sitmail-Letter"] for letter in told.letters[user]] for user in LETTERS} == LETTERS
    assert [row["ending"] for row in told.inbox] == ["new", "applied", "applied", "applied"]
    _one_incident(told, program)
    _answers_are_the_programs(told)
    _customer_reads(told)
    _nothing_of_the_staff_at_the_customers(told)


def _one_incident(told: Told, program: str) -> None:
    assert len(told.incidents) == 1
    incident = told.incidents[0]
    assert (incident["title"], incident["owner"]) == (f"Crane stuck ({program})", "ann")
    assert (incident["status"], incident["closing_status"]) == ("closed", "solved")
    log = [
        (update["event"], update["author"]["name"], update["direction"], update["audience"], update["text"])
        for update in incident["updates"]
    ]
    assert log == [
        ("opened", "Carol Carter", "in", "public", OPENED),
        ("email-out", "Ann Archer", "out", "public", ANSWERED),
        ("email-in", "Carol Carter", "in", "public", THANKED),
        ("closed", "Ann Archer", "none", "internal", ""),
    ]


def _answers_are_the_programs(told: Told) -> None:
    """Each went to the letter's Reply-To, names the letter it answers, and quotes it."""
    answered = (told.letters["ann"][0], told.letters["carol"][1], told.letters["ann"][1])
    for mail, letter in zip(told.mails[1:], answered, strict=True):
        assert mail["To"].addresses[0].addr_spec == letter["Reply-To"].addresses[0].addr_spec
        assert mail["In-Reply-To"] == letter["Message-ID"]
        assert letter["Message-ID"] in mail["References"]
        first = _lines(letter)[0]
        assert {f"> {first}", first} & set(_lines(mail))  # s-nail marks it by a tab


def _customer_reads(told: Told) -> None:
    received, answer, closed = (text_of(letter) for letter in told.letters["carol"])
    assert "".join(f"> {line}\n".replace("> \n", ">\n") for line in OPENED.splitlines()) in received
    assert answer.startswith(f"{ANSWERED}\n\n")
    assert "is closed (solved)" in closed


def _nothing_of_the_staff_at_the_customers(told: Told) -> None:
    """No line of the engineer's letters, but what the two wrote to each other, and no address made for the engineer."""
    said = {line for text in (OPENED, ANSWERED, THANKED) for line in text.splitlines()}
    reference = told.incidents[0]["reference"]
    said |= {
        f"Example Support | {reference} | {status}" for status in ("Active", "Closed")
    }  # the signature of all letters
    said.add("One line on top of a reply is enough:")
    staff = {line for letter in told.letters["ann"] for line in _lines(letter) if line not in said and len(line) > 3}
    assert any("plain reply" in line for line in staff)  # there is something to look for
    for letter in told.letters["carol"]:
        text = letter.as_string() + text_of(letter)
        assert [line for line in staff if line in text] == []
        assert told.letters["ann"][0]["Reply-To"].addresses[0].addr_spec not in text


def _lines(letter: EmailMessage) -> list[str]:
    return [line.strip() for line in text_of(letter).splitlines() if line.strip()]
