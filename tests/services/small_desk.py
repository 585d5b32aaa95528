"""A desk for tests: the functions themselves over a SQLite store, mails written by the test, a clock the test moves."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import select

from sitmail import config
from sitmail.daemon.runtime import Runtime
from sitmail.domain import trust
from sitmail.domain.mail import Envelope
from sitmail.domain.outgoing import Outgoing
from sitmail.sending.compose import wire
from sitmail.services import held_mail_commands, process_mail
from sitmail.services.desk import generations
from sitmail.store import inbox, schema
from tests.by_hand import all_that_is_due, all_that_waits, files_of
from tests.letters import script
from tests.letters.replied import POLICY

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday morning
DESK = "support@example.com"
ANNA, BOB, NORA, MIA = "anna@example.com", "bob@example.com", "nora@example.com", "mia@example.com"
ADAM, EX = "adam@example.com", "emil@example.com"
JANE, JOHN, JILL = "jane@acme.example.net", "john@acme.example.net", "jill@acme.example.net"
KIM, SAM = "kim@globex.example.org", "sam@elsewhere.example.org"
AUTHENTICATED = "Authentication-Results: mx.example.com; dmarc=pass header.from="

# How this desk differs from that of the letter cases: an admin, a third contact of Acme, a relay that vouches for From.
CONFIG = """
[desk]
{desk}
[smtp]
listen = []
hostname = "localhost"
[lmtp]
listen = []
[trust]
authserv_id = "mx.example.com"
{trust}
[limits]
{limits}
[directory]
files = ["people.toml"]
[[engineer]]
id = "mia"
teams = ["helpdesk"]
[[engineer]]
id = "adam"
name = "Adam Adams"
addresses = ["adam@example.com"]
role = "admin"
{more}
"""
EMIL = """
[[engineer]]
id = "emil"
name = "Emil Exner"
addresses = ["emil@example.com"]
teams = ["helpdesk"]
"""
PEOPLE = """
[[contact]]
addresses = ["jill@acme.example.net"]
name = "Jill Poe"
site = "acme"
"""


@dataclass(frozen=True)
class Letter:
    """A letter that left."""

    row: Outgoing
    raw: bytes

    @property
    def to(self) -> str:
        return self.row.recipient

    @cached_property
    def parsed(self) -> EmailMessage:
        read = BytesParser(policy=POLICY).parsebytes(self.raw)
        assert isinstance(read, EmailMessage)
        return read

    @cached_property
    def purpose(self) -> str:
        return str(self.parsed["X-Sitmail-Letter"])

    @cached_property
    def reply_to(self) -> str:
        return str(self.parsed["Reply-To"]).rpartition("<")[2].rstrip(">").strip()

    @cached_property
    def message_id(self) -> str:
        return str(self.parsed["Message-ID"])

    @cached_property
    def text(self) -> str:
        body = self.parsed.get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    @cached_property
    def all_text(self) -> str:
        """Head, body and every file, decoded: where a secret could stand."""
        parts = [f"{name}: {value}" for name, value in self.parsed.items()]
        for part in self.parsed.walk():
            if part.get_content_maintype() != "multipart":
                payload = part.get_payload(decode=True) or b""
                parts.append(bytes(payload).decode("utf-8", "replace"))
        return "\n".join(parts)


class SmallDesk:
    """`say` is one mail; what came of it is returned, the letters are kept in `letters`."""

    def __init__(self, folder: Path, template: Path, **settings: str) -> None:
        self.folder, self.letters, self.now, self.mails = folder, list[Letter](), START, 0
        shutil.copy(template, folder / "sitmail.db")
        self.runtime = self._open(settings)

    def _open(self, settings: Mapping[str, str]) -> Runtime:
        parts = {"desk": "", "trust": "", "limits": 'fold_within = "0s"', "more": ""} | settings
        usual = script.world()
        people = script.merged(usual["people"], tomllib.loads(PEOPLE + parts.pop("people", "")))
        usual["config"].pop("limits")  # a test that names any names all
        settled = script.merged(usual["config"], tomllib.loads(CONFIG.format(**parts)))
        (self.folder / "people.toml").write_text(script.document(people), "utf-8")
        (self.folder / "config.toml").write_text(script.document(settled), "utf-8")
        return Runtime(config.load(self.folder / "config.toml"))

    def reopen(self, **settings: str) -> None:
        """The same store under another configuration."""
        self.close()
        self.runtime = self._open(settings)

    def close(self) -> None:
        self.runtime.database.close()

    # --- what happens

    def say(
        self,
        writer: str,
        text: str = "",
        *,
        to: str | Sequence[str] = DESK,
        answers: Letter | None = None,
        subject: str = "",
        cc: str = "",
        headers: Sequence[str] = (),
        raw: bytes | None = None,
        proof: str = "token",
        waits: timedelta = timedelta(),
    ) -> process_mail.Done:
        """A mail.  With `answers` it goes to that letter's Reply-To and names its id, as `proof` allows: token
        (address and id), id, none (neither), authenticated, both.  `waits`: so long nobody looks at it."""
        self.mails += 1
        self.now += timedelta(seconds=1)
        head = list(headers)
        if answers is not None:
            subject = subject or f"Re: {answers.parsed['Subject']}"
            if proof in ("token", "both") and to == DESK:
                to = answers.reply_to
            if proof in ("token", "both", "id"):
                head.append(f"In-Reply-To: {answers.message_id}")
        address = writer.rpartition("<")[2].rstrip(">")
        if proof in ("authenticated", "both"):
            head.insert(0, AUTHENTICATED + address.rpartition("@")[2])
        recipients = (to,) if isinstance(to, str) else tuple(to)
        if raw is None:
            lines = [f"From: {writer}", f"To: {', '.join(recipients)}", f"Subject: {subject}"]
            if not any(line.lower().startswith("message-id:") for line in head):
                lines.append(f"Message-ID: <{self.mails}@{address.rpartition('@')[2]}>")
            if cc:
                lines.append(f"Cc: {cc}")
            if not any(line.lower().startswith("content-type:") for line in head):
                head += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"]
            where = [line for line in head if line.startswith(AUTHENTICATED)]
            rest = [line for line in head if not line.startswith(AUTHENTICATED)]
            raw = "\r\n".join([*where, *lines, *rest, "", *text.split("\n"), ""]).encode()
        spool = self.runtime.spool.writer()
        spool.write(raw)
        kept = process_mail.to_keep(self.runtime.desk, spool.finish(), Envelope(address, recipients, self.now))
        self.runtime.database.write(inbox.keep, kept).result()
        self.now += waits
        done = self.read()
        return done[-1]

    def read(self) -> list[process_mail.Done]:
        """All that waits in the inbox; released mails too."""
        done = []
        for one in all_that_waits(self.runtime, self.now):
            done.append(one)
            self._left(one.letters)
        return done

    def decide(self, action: str, held: int, number: int = 0) -> list[process_mail.Done]:
        order = held_mail_commands.Order(action, held, number, "tester", self.now, self.runtime.desk.policy)
        self.runtime.database.write(held_mail_commands.decide, order).result()
        return self.read()

    def wait(self, span: timedelta) -> None:
        """Time passes, and the desk looks whenever it wants to."""
        until = self.now + span
        moment = self._look()
        while moment is not None and moment <= until:
            self.now = max(self.now + timedelta(seconds=1), moment)
            moment = self._look()
        self.now = max(self.now, until)
        self._look()

    def _look(self) -> datetime | None:
        letters, later = all_that_is_due(self.runtime, self.now)
        self._left(letters)
        return later

    def _left(self, rows: Sequence[Outgoing]) -> None:
        self.letters += [Letter(row, wire(row.head, row.body, row.page, files_of(self.runtime, row))) for row in rows]

    # --- what is to be seen

    def last(self, to: str, purpose: str = "") -> Letter:
        found = [one for one in self.letters if one.to == to and purpose in ("", one.purpose)]
        assert found, f"no letter {purpose} to {to}: {[(one.to, one.purpose) for one in self.letters]}"
        return found[-1]

    def since(self, count: int) -> list[tuple[str, str]]:
        return sorted((one.to, one.purpose) for one in self.letters[count:])

    def rows(self, name: str) -> list[dict[str, Any]]:
        table = schema.metadata.tables[name]
        with self.runtime.database.read() as connection:
            return [dict(row) for row in connection.execute(select(table)).mappings()]

    def incident(self, number: int) -> dict[str, Any]:
        return next(row for row in self.rows("incident") if row["number"] == number)

    def log(self, number: int) -> list[dict[str, Any]]:
        texts = {row["update"]: row["text"] for row in self.rows("update_text")}
        rows = [row | {"text": texts[row["id"]]} for row in self.rows("update") if row["incident"] == number]
        return sorted(rows, key=lambda row: row["number"])

    def person(self, address: str) -> int:
        return next(row["person"] for row in self.rows("address") if row["address"] == address)

    def people(self, number: int) -> set[str]:
        """Addresses of those who are on the incident now."""
        at = {row["person"]: row["address"] for row in self.rows("address")}
        rows = self.rows("participation")
        return {at[row["person"]] for row in rows if row["incident"] == number and row["until"] is None}

    def token(self, kind: str, number: int, person: int) -> str:
        """The signed address as the desk issues it now."""
        desk = self.runtime.desk
        with self.runtime.database.read() as connection:
            given = generations(connection, desk).get((person, number), 0)
        return trust.signed_address(desk.keys, desk.policy.desk, kind, number, person, given)


SIGNED = re.compile(r"(?i)\b([invhckdb][0-9]{1,9})\.([a-z][a-z2-7]{16})\b")
OUR_ID = re.compile(r"(?i)<[invhckdb][0-9]{1,9}\.([0-9]{1,9})\.[a-z2-7]{10}\.[a-z][a-z2-7]{16}@[^<>\s]+>")


def strangers_tokens(desk: SmallDesk, letter: Letter) -> Iterator[str]:
    """Tokens and ids of ours in a letter that were issued to somebody else."""
    reader = letter.row.person if hasattr(letter.row, "person") else desk.person(letter.to)
    mine = {desk.token(kind, number, reader).partition("+")[2].partition("@")[0] for kind, number in _named(letter)}
    for found in SIGNED.finditer(letter.all_text):
        if found[0].lower() not in mine:
            yield found[0]
    for found in OUR_ID.finditer(letter.all_text):
        if int(found[1]) != reader:
            yield found[0]


def _named(letter: Letter) -> set[tuple[str, int]]:
    return {(found[1][0].lower(), int(found[1][1:])) for found in SIGNED.finditer(letter.all_text)}
