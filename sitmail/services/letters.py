"""Notices become letters: who may hear what, what is shown, the head, and a row of the outbox.

Runs inside the transaction of the decision, or of the tick that lets a waiting notice go.  A letter to somebody
outside is written from updates of the public leg only: the query that reads for them cannot see others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sitmail.domain import trust
from sitmail.domain.policy import Mailbox
from sitmail.mail.compose import Letter, compose
from sitmail.services.desk import Desk, generations
from sitmail.services.scenes import KINDS, Books, Due, read, scene_of
from sitmail.services.views import Scene
from sitmail.store.ids import of
from sitmail.store.prepared import add
from sitmail.store.schema import known_id

REFERENCES = 10  # of a conversation: the first and the latest


def write(connection: Connection, desk: Desk, due: Sequence[Due], now: datetime) -> list[dict[str, Any]]:
    """The rows of the outbox for these letters, and the ids they will be known by."""
    if not due:
        return []
    given = generations(connection, desk)
    books = read(connection, due)
    rows, known = [], []
    for one in due:
        row = _row(desk, one, books, given, now)
        rows.append(row)
        if one.incident is not None:
            known.append(
                {
                    "message_id": row["message_id"],
                    "incident": one.incident,
                    "person": one.person.id,
                    "origin": "own",
                    "leg": str(one.leg),
                    "at": now,
                }
            )
    add(connection, known_id, known)
    return rows


def take_id(connection: Connection) -> int:
    return of(connection).take(connection, "outbox", 1).start


# --- one letter


def _row(desk: Desk, due: Due, books: Books, given: Mapping[tuple[int, int], int], now: datetime) -> dict[str, Any]:
    incident = books.incidents.get(due.incident) if due.incident is not None else None
    box = desk.policy.mailbox(incident.mailbox) if incident else desk.policy.desk
    scene = scene_of(desk, due, books, incident, box, given, now)
    language = due.person.language or desk.policy.language
    rendered = [
        desk.letters.render(language, purpose, {**scene.context(), "detail": _detail(detail)})
        for purpose, detail in zip(due.purposes, due.details, strict=True)
    ]
    mine = [found for at in (scene.reply, scene.note) if (found := trust.signed_part(at))]
    subject, text = (
        trust.without_tokens(desk.keys, part, mine)
        for part in (rendered[0][0], "\n".join(text for _, text in rendered))
    )
    letter, sender = _addressed(desk, due, books, box, scene, subject, text, given, now)
    head, body = compose(letter)
    attachments = [[f.name, _type(books, f.sha256), f.sha256] for f in scene.files]
    return {
        "id": due.id,
        "incident": due.incident,
        "person": due.person.id,
        "purpose": due.purposes[0],
        "automatic": due.purpose.automatic,
        "outside": not due.person.staff,
        "sender": sender,
        "recipient": due.person.address,
        "subject": subject,
        "message_id": letter.message_id,
        "head": head,
        "body": body,
        "attachments": attachments,
        "next_attempt": now,
        "expires": due.expires,
        "made": now,
    }


def _detail(stored: Mapping[str, Any]) -> dict[str, Any]:
    """As it was told; moments, which are text in the notice's row, are moments again."""
    moments = {name: datetime.fromisoformat(stored[name]) for name in ("due",) if name in stored}
    return {**stored, **moments}


def _type(books: Books, sha256: str) -> str:
    found = (file.type for files in books.files.values() for file in files if file.sha256 == sha256)
    return next(found, "application/octet-stream")


def _addressed(
    desk: Desk,
    due: Due,
    books: Books,
    box: Mailbox,
    scene: Scene,
    subject: str,
    text: str,
    given: Mapping[tuple[int, int], int],
    now: datetime,
) -> tuple[Letter, str]:
    """The letter with its head, and the envelope sender: the return path is never null, and names its reader."""
    number, person = due.incident or 0, due.person
    generation = given.get((person.id, number), 0)
    kind = due.purpose.kind or KINDS[due.leg]
    target = due.number if due.purpose.kind in (trust.HELD, trust.CONFIRM) else number
    domain = box.address.rpartition("@")[2]
    own = trust.message_id(
        desk.keys,
        f"{desk.epoch} {due.key}",
        kind,
        target,
        person.id,
        domain,
        given.get((person.id, target), 0),
    )
    conversation = [known.message_id for known in books.ids.get((number, person.id), ())] if number else []
    if len(conversation) > REFERENCES:
        conversation = [conversation[0], *conversation[1 - REFERENCES :]]
    letter = Letter(
        from_name=trust.without_tokens(desk.keys, _from_name(desk, due, books), ()),
        from_address=box.address,
        to_name=person.name if person.known else "",  # a stranger's name may be a forger's words
        to_address=person.address,
        subject=subject,
        date=now,
        message_id=own,
        text=text,
        reply_to=scene.reply,
        in_reply_to=conversation[-1] if conversation else "",
        references=tuple(conversation),
        fields=_fields(due),
    )
    return letter, trust.signed_address(desk.keys, box, trust.BOUNCE, number, person.id, generation)


def _fields(due: Due) -> tuple[tuple[str, str], ...]:
    """Automatic mail says so (RFC 3834 section 5), and asks not to be answered by machines."""
    fields = [("X-Sitmail-Incident", str(due.incident))] if due.incident is not None else []
    fields.append(("X-Sitmail-Letter", due.purposes[0]))
    if due.purpose.automatic:
        submitted = "auto-replied" if due.purpose.asked else "auto-generated"
        fields += [("Auto-Submitted", submitted), ("X-Auto-Response-Suppress", "All")]
    return tuple(fields)


def _from_name(desk: Desk, due: Due, books: Books) -> str:
    """ "Name via Desk" where a person's words are carried, else the desk."""
    if due.purpose.words and due.incident is not None:
        for number in due.updates:
            entry = books.entries.get((due.incident, number))
            author = books.persons.get(entry.author or 0) if entry else None
            if author is not None:
                return f"{author.name or author.address.partition('@')[0]} via {desk.policy.name}"
    return desk.policy.name
