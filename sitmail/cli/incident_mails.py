"""Mails of old incidents in mbox files: whose words each has, who was told them, and to which incident it belongs.

A mail proves nothing, and no line of it is a command.  It is put aside by its header (`import_staging`), and read whole
when its incident is written.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sitmail.cli import incident_cells as cells
from sitmail.cli import mbox_files
from sitmail.cli.failure import Failure
from sitmail.cli.import_staging import Part, Staging
from sitmail.cli.importing import Ask
from sitmail.cli.incident_cells import Writer
from sitmail.cli.incident_rows import Options
from sitmail.domain import subject
from sitmail.domain.address import addr_spec
from sitmail.domain.imported import LARGEST, ImportedFile, ImportedIncident, ImportedUpdate
from sitmail.domain.mail import Address, Attachment, Mail
from sitmail.domain.policy import Policy
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.reading.parse import Reading, parse
from sitmail.receiving.fingerprint import Fingerprint
from sitmail.services import routing

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)  # a mail that says so of itself does not know when it was written
MAIL_MAX = 60_000_000  # bytes, whatever `max_message_size` says: the desk is handed one as a whole
TOGETHER = 4_000_000  # bytes of mails and files that are kept at once
_HEAD_END = re.compile(rb"\n\r?\n")


def stage(path: Path, options: Options, staging: Staging, mistakes: list[str], read: Callable[[int], None]) -> None:
    """Every mail of a file.  `read` is told of each.  Raises Failure where the file cannot be read."""
    try:
        latest = min(datetime.fromtimestamp(path.stat().st_mtime, UTC), options.now)
        for count, found in enumerate(mbox_files.mails(path), 1):
            place = f"{path.name}: mail {count}"
            most = min(options.policy.message_max, MAIL_MAX)
            if found.length > most:
                mistakes.append(f"{place}: {found.length:,} bytes; expected at most {most:,}")
            else:
                _put(path, found, found.said or latest, place, options, staging)
            read(1)
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}", os.EX_NOINPUT) from error


def _put(path: Path, found: mbox_files.Place, said: datetime, place: str, options: Options, staging: Staging) -> None:
    policy = options.policy
    raw = mbox_files.read(path, found.offset, found.length)
    mark = Fingerprint()
    mark.update(raw.rstrip(b"\r\n") + b"\n")
    digest = mark.hexdigest()
    end = _HEAD_END.search(raw)
    mail = parse(raw[: end.end()] if end else raw, None, reading(policy))
    numbers = subject.references(mail.subject, policy.tag, policy.former_tags, policy.former_offset)
    number = next((one for one in numbers if 0 < one <= LARGEST), 0)
    writer = _writer(mail, options)
    outside = [one for one in (*mail.to, *mail.cc) if _outside(one, options)]
    known = Writer(address=outside[0].address.lower(), name=outside[0].name) if outside else Writer()
    value = {
        "path": str(path),
        "offset": found.offset,
        "length": found.length,
        "at": (mail.date if mail.date and EARLIEST < mail.date <= options.now else said).isoformat(),
        "title": title_of(mail.subject, policy),
        "writer": writer,
        "customer": known if writer.staff else writer,
        "public": not mail.machine and _public(writer, bool(outside), policy),
    }
    key = staging.conversation(number, mail.message_id or f"<{digest}@mbox>", mail.ids())
    staging.add(key, Part(place, "mail", digest, value))


def reading(policy: Policy) -> Reading:
    return Reading(is_own=lambda address: routing.is_ours(policy, address))


def _writer(mail: Mail, options: Options) -> Writer:
    """Who wrote a mail: From, which nothing proves.  What bears an address of ours was written by staff."""
    sender = mail.sender or Address("", "")
    engineer = cells.engineer(mail.identity, options.policy) if mail.identity else ""
    if engineer:
        return Writer(engineer=engineer)
    ours = mail.in_our_name or not mail.identity or cells.is_staff(mail.identity, options.policy, options.staff)
    if ours or routing.is_ours(options.policy, mail.identity):
        return Writer(name=sender.name or sender.address)
    return Writer(address=mail.identity, name=sender.name)


def _outside(one: Address, options: Options) -> bool:
    """Whether it is a customer, as far as the configuration tells."""
    where = addr_spec(one.address)
    policy = options.policy
    return bool(where) and not (
        routing.is_ours(policy, where)
        or cells.engineer(where, policy)
        or cells.is_staff(where, policy, options.staff)
        or policy.partner_at(where)
    )


def _public(writer: Writer, to_customers: bool, policy: Policy) -> bool:
    """A customer wrote it, or was sent it.  What a vendor or another partner wrote was not said to customers."""
    if writer.address and policy.partner_at(writer.address):
        return False
    return bool(writer.address) or to_customers


def title_of(written: str, policy: Policy) -> str:
    """A subject without prefixes and references."""
    for pattern in policy.former_tags:
        for found in list(pattern.finditer(written)):
            written = written.replace(str(found[0]), " ")
    bare = subject.base(" ".join(written.split()), policy.tag)
    return re.sub(r"^[\s\[\]():#-]+|[\s\[(:#-]+$", "", bare)


# --- the mails of an incident


def updates(parts: Sequence[Part], options: Options, keeper: Keeper) -> Iterator[ImportedUpdate]:
    """The mails read whole; `keeper` has them and their files kept."""
    for part in parts:
        value = part.value
        raw = mbox_files.read(Path(value["path"]), value["offset"], value["length"])
        mail = parse(raw, None, reading(options.policy))
        yield ImportedUpdate(
            *_entry(mail, value),
            **Writer(*value["writer"])._asdict(),
            text=mail.own_words or mail.text,
            quoted=mail.quoted_text,
            signature=mail.signature,
            doubtful=mail.doubtful_text,
            page=mail.page if mail.own_words == mail.new_text else "",
            subject=mail.subject,
            message_id=mail.message_id,
            answers=mail.ids(),
            place=part.place,
            raw=keeper.keep(Attachment("", "message/rfc822", len(raw), sha256(raw).hexdigest(), content=raw)),
            files=tuple([keeper.keep(file) for file in mail.attachments]),
        )


class Keeper:
    """Has mails and files kept by the desk, many at a time, before the incidents that name them are written."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._waiting: list[Attachment] = []
        self._size = 0
        self._changed: dict[str, list[Any]] = {}  # [size, sum] of those that are kept otherwise than they came, by sum

    def keep(self, file: Attachment) -> ImportedFile:
        """The file as it came.  `as_kept` says how it is kept."""
        if self._size + file.size > TOGETHER:
            self.send()
        self._waiting.append(file)
        self._size += file.size
        return ImportedFile(file.name, file.type, file.size, file.sha256, file.inline)

    def send(self) -> None:
        if self._waiting:
            head = json.dumps([[file.name, file.type, file.size] for file in self._waiting]).encode()
            body = b"".join((head, b"\n", *(file.content for file in self._waiting)))
            self._changed |= self._ask({"action": "files"}, body)
        self._waiting, self._size = [], 0

    def as_kept(self, one: ImportedIncident) -> ImportedIncident:
        """The incident with its files as they are kept."""
        self.send()
        if not self._changed:
            return one
        updates = [replace(update, files=tuple(map(self._kept, update.files))) for update in one.updates]
        return replace(one, updates=tuple(updates))

    def _kept(self, file: ImportedFile) -> ImportedFile:
        size, digest = self._changed.get(file.sha256, (file.size, file.sha256))
        return replace(file, size=size, sha256=digest)


def _entry(mail: Mail, value: Any) -> tuple[datetime, str, str, str]:
    """When, on which leg, in which direction, and as what."""
    staff = Writer(*value["writer"]).staff
    leg = LegKind.PUBLIC if value["public"] else LegKind.INTERNAL
    spoken = Event.ANSWER if staff else Event.CUSTOMER
    event = Event.AUTOMATIC if mail.machine else spoken if value["public"] else Event.NOTE
    direction = Direction.OUT if staff else Direction.IN
    return datetime.fromisoformat(value["at"]), str(leg), str(direction), str(event)
