"""Notices become letters: who may hear what, what is shown, the head, and a row of the outbox.

Runs inside the transaction of the decision, or of the tick that lets a waiting notice go.  A letter to somebody
outside is written from updates of the public leg only: the query that reads for them cannot see others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from sitmail.domain import trust
from sitmail.domain.policy import Mailbox
from sitmail.sending.compose import Letter, compose
from sitmail.services.desk import Desk, generations
from sitmail.services.letter_context import Due, Loaded, context_of, read
from sitmail.services.transaction_cache import TransactionCache
from sitmail.services.views import LetterContext
from sitmail.store import incidents, outbox
from sitmail.store.prepared import add
from sitmail.store.schema import known_id

REFERENCES = 1 + incidents.LATEST  # ids of a conversation: the first and the latest


def write(
    connection: Connection, desk: Desk, due: Sequence[Due], now: datetime, known: TransactionCache
) -> list[dict[str, Any]]:
    """The rows of the outbox for these letters, and the ids they will be known by."""
    if not due:
        return []
    given = generations(connection, desk)
    loaded = read(connection, due, known)
    rows = [_row(desk, one, loaded, given, now) for one in due]
    ids = [_known_id(one, row["message_id"], now) for one, row in zip(due, rows, strict=True)]
    add(connection, known_id, [one for one in ids if one["incident"] is not None])
    return rows


def _known_id(due: Due, message_id: str, now: datetime) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "incident": due.incident,
        "person": due.person.id,
        "origin": "own",
        "leg": str(due.leg),
        "at": now,
    }


# --- one letter


class _Signed(NamedTuple):
    """What of a letter is signed for its reader.  `mine` are the parts that the text may show."""

    reply: str
    note: str
    sender: str  # the envelope's: the return path is never null, and names its reader
    message_id: str
    mine: tuple[str, ...]


def _signed(desk: Desk, due: Due, box: Mailbox, given: Mapping[tuple[int, int], int]) -> _Signed:
    keys, person, number = desk.keys, due.person.id, due.incident or 0
    kind, target = due.about
    issued = given.get((person, target), 0)
    own = trust.message_id(
        keys, f"{desk.epoch} {due.key}", kind, target, person, box.address.rpartition("@")[2], issued
    )
    inside = due.person.staff and number > 0
    if not box.reply:
        return _Signed(box.address, "", box.address, own, ())
    reply = trust.tag(keys, kind, target, person, issued)
    note, generation = "", given.get((person, number), 0)
    if inside:
        same = (kind, target) == (trust.INTERNAL, number)
        note = reply if same else trust.tag(keys, trust.INTERNAL, number, person, generation)
    sender = trust.tag(keys, trust.BOUNCE, number, person, generation)
    shown = trust.carried(box, note) if note else ""
    return _Signed(trust.carried(box, reply), shown, trust.carried(box, sender), own, (reply, note))


def _row(desk: Desk, due: Due, loaded: Loaded, given: Mapping[tuple[int, int], int], now: datetime) -> dict[str, Any]:
    incident = loaded.incidents.get(due.incident or 0)
    box = desk.policy.mailbox(incident.mailbox) if incident else desk.policy.desk
    signed = _signed(desk, due, box, given)
    context = context_of(desk, due, loaded, box, signed.reply, signed.note, now)
    subject, text = _rendered(desk, due, context, signed.mine)
    head, body = compose(_addressed(desk, due, loaded, box, signed, subject, text, now))
    return {
        **outbox.DEFAULTS,
        "id": due.id,
        "incident": due.incident,
        "person": due.person.id,
        "purpose": str(due.purposes[0]),
        "automatic": due.purpose.automatic,
        "outside": not due.person.staff,
        "sender": signed.sender,
        "recipient": due.person.address,
        "subject": subject,
        "message_id": signed.message_id,
        "head": head,
        "body": body,
        "attachments": [[f.name, _type(loaded, f.sha256), f.sha256] for f in context.files] if context.files else [],
        "next_attempt": now,
        "expires": due.expires,
        "made": now,
    }


def _rendered(desk: Desk, due: Due, context: LetterContext, mine: tuple[str, ...]) -> tuple[str, str]:
    """Subject of the first of its notices, and the texts of all; no token of anybody else's in them."""
    language = due.person.language or desk.policy.language
    values = context.values()
    if len(due.purposes) == 1:  # nearly all
        values["detail"] = _detail(due.details[0])
        subject, text = desk.letters.render(language, due.purposes[0], values)
        return trust.without_tokens(desk.keys, subject, mine), trust.without_tokens(desk.keys, text, mine)
    subjects, texts = [], []
    for purpose, detail in zip(due.purposes, due.details, strict=True):
        values["detail"] = _detail(detail)
        subject, text = desk.letters.render(language, purpose, values)
        subjects.append(subject)
        texts.append(text)
    text = "\n".join(texts)
    return trust.without_tokens(desk.keys, subjects[0], mine), trust.without_tokens(desk.keys, text, mine)


def _detail(stored: Mapping[str, Any]) -> dict[str, Any]:
    """As it was told; a moment, which is text in the notice's row, is a moment again."""
    return {**stored, "due": datetime.fromisoformat(stored["due"])} if "due" in stored else {**stored}


def _type(loaded: Loaded, sha256: str) -> str:
    found = (file.type for files in loaded.files.values() for file in files if file.sha256 == sha256)
    return next(found, "application/octet-stream")


def _addressed(
    desk: Desk, due: Due, loaded: Loaded, box: Mailbox, signed: _Signed, subject: str, text: str, now: datetime
) -> Letter:
    """The letter with its head."""
    person = due.person
    conversation = loaded.ids.get((due.incident or 0, person.id), [])
    if len(conversation) > REFERENCES:
        conversation = [conversation[0], *conversation[1 - REFERENCES :]]
    return Letter(  # in the order of its fields: by name it would take three times as long
        trust.without_tokens(desk.keys, _from_name(desk, due, loaded), ()),
        box.address,
        person.name if person.known else "",  # a stranger's name may be a forger's words
        person.address,
        subject,
        now,
        signed.message_id,
        text,
        signed.reply,
        conversation[-1] if conversation else "",
        tuple(conversation),
        _fields(due),
    )


def _fields(due: Due) -> tuple[tuple[str, str], ...]:
    """Automatic mail says so (RFC 3834 section 5), and asks not to be answered by machines."""
    fields = [("X-Sitmail-Incident", str(due.incident))] if due.incident is not None else []
    fields.append(("X-Sitmail-Letter", due.purposes[0]))
    if due.purpose.automatic:
        submitted = "auto-replied" if due.purpose.asked else "auto-generated"
        fields += [("Auto-Submitted", submitted), ("X-Auto-Response-Suppress", "All")]
    return tuple(fields)


def _from_name(desk: Desk, due: Due, loaded: Loaded) -> str:
    """ "Name via Desk" where a person's words are carried, else the desk."""
    if due.purpose.words and due.incident is not None:
        for number in due.updates:
            entry = loaded.entries.get((due.incident, number))
            author = loaded.persons.get(entry.author or 0) if entry else None
            if author is not None:
                return f"{author.name or author.address.partition('@')[0]} via {desk.policy.name}"
    return desk.policy.name
