"""Letters in files, given to a desk: who reads which of their words (how that is written: `tests.expected`)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sitmail import config
from sitmail.daemon.runtime import Runtime
from sitmail.domain.mail import Envelope
from sitmail.sending.compose import wire
from sitmail.services import process_mail
from sitmail.services.reports import conversation
from sitmail.store import inbox, schema
from tests.by_hand import all_that_is_due, all_that_waits, files_of
from tests.expected import Case, cases, differences
from tests.letters.writing import Letter, address

READ = Path(__file__).parents[1] / "reading" / "cases"
CASES = {case.name: case for case in cases(READ) if case.desk}
DESK, OWNER, CUSTOMER = "support@desk.example", "anna@desk.example", "c001@acme.example"
FIRST = f"From: Jane Roe <{CUSTOMER}>\nTo: {DESK}\nSubject: Pump\nMessage-ID: <first@acme.example>\n\n"
ANSWER = f"From: Anna Abel <{OWNER}>\nTo: {{REPLY_TO}}\nSubject: Re: {{SUBJECT}}\nIn-Reply-To: {{MESSAGE_ID}}\n"
ANSWER += "Message-ID: <answer@desk.example>\n\n"
PARTS = ("text", "quoted", "signature")


class MailedDesk:
    """A desk in a folder.  It gets mails one after the other, a second apart, and keeps the letters that left."""

    def __init__(self, folder: Path, template: Path) -> None:
        shutil.copy(template, folder / "sitmail.db")
        for name in ("desk.toml", "people.toml"):
            shutil.copy(READ / name, folder)
        self.runtime = Runtime(config.load(folder / "desk.toml"))
        self.now = datetime(2026, 8, 3, 9, 0, tzinfo=UTC)  # a Monday
        self.letters: list[Letter] = []

    def receive(self, text: str, answered: Letter | None = None, to: str = "") -> list[Letter]:
        """The letters that a mail causes; it answers a letter to `to`, else it comes to the desk's own address."""
        raw = filled(text, answered).replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape")
        sender = address(next(line for line in text.split("\n") if line.lower().startswith("from:")))
        before = len(self.letters)
        self.now += timedelta(seconds=1)
        writer = self.runtime.spool.writer()
        writer.write(raw)
        recipient = to or (answered.reply_to if answered else DESK)
        envelope = Envelope(sender, (recipient,), self.now)
        self.runtime.database.write(
            inbox.keep, process_mail.to_keep(self.runtime.desk, writer.finish(), envelope)
        ).result()
        rows = [row for done in all_that_waits(self.runtime, self.now) for row in done.letters]
        rows += all_that_is_due(self.runtime, self.now)[0]
        for row in rows:
            whole = wire(row.head, row.body, row.page, files_of(self.runtime, row))
            self.letters.append(Letter(row.sender, row.recipient, whole))
        return self.letters[before:]

    def last(self, reader: str) -> Letter:
        return [letter for letter in self.letters if letter.recipient == reader][-1]

    def ending(self) -> tuple[str, int]:
        """How the last mail ended, and the incident it went to."""
        with self.runtime.database.read() as connection:
            table = schema.inbox
            row = connection.execute(table.select().order_by(table.c.id.desc()).limit(1)).one()
            return str(row.ending), int(row.incident or 0)

    def incident(self, number: int) -> dict[str, Any]:
        with self.runtime.database.read() as connection:
            return conversation.incident(connection, self.runtime.desk.policy, number)

    def close(self) -> None:
        self.runtime.database.close()


def filled(text: str, answered: Letter | None) -> str:
    """The mail with what it takes from the letter that it answers."""
    if answered is None:
        return text
    head, blank, body = text.partition("\n\n")
    head = head.replace(f"\nTo: {DESK}", "\nTo: {REPLY_TO}").replace("<x.1@desk.example>", "{MESSAGE_ID}")
    head = head.replace("{REPLY_TO}", answered.reply_to).replace("{MESSAGE_ID}", answered.message_id)
    return head.replace("{SUBJECT}", str(answered.parsed["Subject"])) + blank + body


@pytest.fixture
def desk(tmp_path: Path, sqlite_template: Path) -> Iterator[MailedDesk]:
    made = MailedDesk(tmp_path, sqlite_template)
    yield made
    made.close()


def played(desk: MailedDesk, case: Case) -> dict[str, Any]:
    """What `desk.` lines may name, after the letter of the case."""
    text = case.file.read_bytes().decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    author = address(next(line for line in text.split("\n") if line.lower().startswith("from:")))
    answered = None
    if after := case.desk.get("after", ""):
        by_staff = author == OWNER
        desk.receive(FIRST + (after if by_staff else "The pump is not well."))
        if not by_staff:
            desk.receive(ANSWER + after, desk.last(OWNER))
        answered = desk.last(author)
    letters = desk.receive(text, answered)
    ending, number = desk.ending()
    incident = desk.incident(number) if number else {}
    return {
        "ending": ending,
        "contact": (incident.get("contact") or {}).get("address"),
        "status": incident.get("status"),
        "owner_reads": read(letters, OWNER),
        "customer_reads": read(letters, CUSTOMER),
        "staff_reads": read(letters, OWNER),
        "letters_to_sender": sum(letter.recipient == author for letter in letters),
        "log": "\n".join(str(update.get(part, "")) for update in incident.get("updates", []) for part in PARTS),
    }


def read(letters: Sequence[Letter], reader: str) -> str:
    return "\n".join(f"{one.parsed['Subject']}\n{one.text}" for one in letters if one.recipient == reader)


@pytest.mark.parametrize("name", CASES)
def test_letters_come_to_their_readers(name: str, desk: MailedDesk) -> None:
    case = CASES[name]
    wanted = {key: value for key, value in case.desk.items() if key != "after"}
    trouble = differences(wanted, played(desk, case))
    assert not trouble, "\n".join(trouble)
