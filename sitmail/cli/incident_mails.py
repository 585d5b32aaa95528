"""Mails of old incidents in mbox files: whose words each has, who was told them, and to which incident it belongs.

A mail proves nothing, and no line of it is a command.  It is put aside by its header (`import_staging`), and read whole
when its incident is written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
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
from sitmail.domain.imported import LARGEST, ImportedFile, ImportedUpdate
from sitmail.domain.mail import Address, Attachment, Mail
from sitmail.domain.policy import Policy
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.reading.parse import Reading, parse
from sitmail.receiving.fingerprint import Fingerprint
from sitmail.services import routing

_HEAD_END = re.compile(rb"\n\r?\n")


def stage(path: Path, options: Options, staging: Staging, mistakes: list[str], read: Callable[[int], None]) -> None:
    """Every mail of a file.  `read` is told of each.  Raises Failure where the file cannot be read."""
    try:
        latest = min(datetime.fromtimestamp(path.stat().st_mtime, UTC), options.now)
        for count, found in enumerate(mbox_files.mails(path), 1):
            place = f"{path.name}: mail {count}"
            if found.length > options.policy.message_max:
                most = options.policy.message_max
                mistakes.append(f"{place}: {found.length:,} bytes; expected at most {most:,} (max_message_size)")
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
        "at": min(mail.date or said, options.now).astimezone(UTC).isoformat(),
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


def updates(parts: Sequence[Part], options: Options, ask: Ask) -> Iterator[ImportedUpdate]:
    """The mails read whole; they and their files are kept by the desk before their incident is."""
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
            raw=_kept(Attachment("", "message/rfc822", len(raw), "", content=raw), ask),
            files=tuple([_kept(file, ask) for file in mail.attachments]),
        )


def _entry(mail: Mail, value: Any) -> tuple[datetime, str, str, str]:
    """When, on which leg, in which direction, and as what."""
    staff = Writer(*value["writer"]).staff
    leg = LegKind.PUBLIC if value["public"] else LegKind.INTERNAL
    spoken = Event.ANSWER if staff else Event.CUSTOMER
    event = Event.AUTOMATIC if mail.machine else spoken if value["public"] else Event.NOTE
    direction = Direction.OUT if staff else Direction.IN
    return datetime.fromisoformat(value["at"]), str(leg), str(direction), str(event)


def _kept(file: Attachment, ask: Ask) -> ImportedFile:
    kept = ask({"action": "file", "name": file.name, "type": file.type}, file.content)
    return ImportedFile.of(file, kept["size"], kept["sha256"])
