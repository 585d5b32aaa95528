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
from sitmail.domain.calendar_event import CalendarEvent
from sitmail.domain.departing import CHECKED, Dropped, as_it_is
from sitmail.domain.incident import Incident
from sitmail.domain.policy import Mailbox
from sitmail.sending.compose import Letter, compose
from sitmail.sending.letters.templates import WrittenLetter
from sitmail.services import calendar_invites
from sitmail.services.desk import Desk, generations
from sitmail.services.letter_context import Loaded, context_of, read
from sitmail.services.letter_files import type_of
from sitmail.services.letter_pictures import content_ids
from sitmail.services.letter_plan import Notice, PlannedLetter
from sitmail.services.partner_reply import covers
from sitmail.services.transaction_cache import TransactionCache
from sitmail.services.views import LetterContext
from sitmail.store import ids, incidents, outbox
from sitmail.store.prepared import add
from sitmail.store.schema import known_id

REFERENCES = 1 + incidents.LATEST  # ids of a conversation: the first and the latest


class Written(NamedTuple):
    """`rows` are letters, with the notices each carries; `dropped` are notices that had nothing to say any more."""

    rows: list[tuple[dict[str, Any], tuple[int, ...]]]
    dropped: dict[int, Dropped]


def write(
    connection: Connection, desk: Desk, letters: Sequence[PlannedLetter], now: datetime, known: TransactionCache
) -> Written:
    """The rows of the outbox for these letters; notes the ids they will be known by."""
    if not letters:
        return Written([], {})
    given = generations(connection, desk)
    loaded = read(connection, desk, letters, known, now)
    dropped: dict[int, Dropped] = {}
    true = [kept for one in letters if (kept := _as_it_is(desk, one, loaded, dropped)) is not None]
    events: Mapping[int, CalendarEvent] = {}
    if calendar_invites.wanting(desk):
        true, events = calendar_invites.of_letters(connection, desk, true, loaded.incidents, loaded.targets, now)
        left = {key for one in true for notice in one.notices for key in notice.ids}
        every = (key for one in letters for notice in one.notices for key in notice.ids)
        dropped |= {key: Dropped.CHANGED_BACK for key in every if key not in left and key not in dropped}
    numbers = ids.of(connection).take(connection, "outbox", len(true)) if true else ()
    rows = []
    for at, (number, letter) in enumerate(zip(numbers, true, strict=True)):
        row = _row(desk, letter, loaded, given, now)
        if at in events:
            about = loaded.incidents[letter.incident or 0]
            row["invite"] = calendar_invites.text(desk, letter, events[at], about, now)
        rows.append(({**row, "id": number}, tuple(key for one in letter.notices for key in one.ids)))
    names = [_known_id(one, row["message_id"], loaded, now) for one, (row, _) in zip(true, rows, strict=True)]
    add(connection, known_id, [one for one in names if one is not None])
    return Written(rows, dropped)


def _as_it_is(desk: Desk, letter: PlannedLetter, loaded: Loaded, dropped: dict[int, Dropped]) -> PlannedLetter | None:
    """The letter with what is so now; None where none of its notices has anything to say any more."""
    if all(one.tell.purpose not in CHECKED for one in letter.notices):  # nearly all
        return letter
    kept = []
    for one in letter.notices:
        tell, number = one.tell, one.tell.incident or 0
        found = as_it_is(tell, loaded.now(number, desk.policy)) if number in loaded.incidents else tell
        if isinstance(found, Dropped):
            dropped.update(dict.fromkeys(one.ids, found))
        else:
            kept.append(one._replace(tell=found))
    return letter._replace(notices=tuple(kept)) if kept else None


def _known_id(letter: PlannedLetter, message_id: str, loaded: Loaded, now: datetime) -> dict[str, Any] | None:
    """By what an answer finds its incident; letters to staff about none have number 0, others about none no row."""
    if letter.incident is None and not letter.person.staff:
        return None
    return {
        "message_id": message_id,
        "incident": letter.incident or 0,
        "person": letter.person.id,
        "origin": "own",
        "leg": str(letter.leg),
        "at": now,
        "covers": covers(letter, loaded.incidents),
    }


# --- one letter


class _Signed(NamedTuple):
    """What of a letter is signed for its reader.  `mine` are the parts that the text may show."""

    reply: str
    note: str
    sender: str  # the envelope's: the return path is never null, and names its reader
    message_id: str
    mine: tuple[str, ...]


def _signed(desk: Desk, letter: PlannedLetter, box: Mailbox, given: Mapping[tuple[int, int], int]) -> _Signed:
    keys, person, number = desk.keys, letter.person.id, letter.incident or 0
    kind, target = letter.about
    issued = given.get((person, trust.counted_as(kind, target)), 0)
    own = trust.message_id(
        keys, f"{desk.epoch} {letter.key}", kind, target, person, box.address.rpartition("@")[2], issued
    )
    inside = letter.person.staff and number > 0
    if not box.reply:
        return _Signed(box.address, "", box.address, own, ())
    reply = trust.signed_part(keys, kind, target, person, issued)
    note, generation = "", given.get((person, number), 0)
    if inside:
        same = (kind, target) == (trust.INTERNAL, number)
        note = reply if same else trust.signed_part(keys, trust.INTERNAL, number, person, generation)
    sender = trust.signed_part(keys, trust.BOUNCE, number, person, generation)
    shown = trust.address_with(box, note) if note else ""
    return _Signed(trust.address_with(box, reply), shown, trust.address_with(box, sender), own, (reply, note))


def _row(
    desk: Desk, letter: PlannedLetter, loaded: Loaded, given: Mapping[tuple[int, int], int], now: datetime
) -> dict[str, Any]:
    incident = loaded.incidents.get(letter.incident or 0)
    box = desk.policy.mailbox(incident.mailbox) if incident else desk.policy.desk
    signed = _signed(desk, letter, box, given)
    context = context_of(desk, letter, loaded, box, signed.reply, signed.note, now)
    written = _written(desk, letter, context, incident, signed)
    shown = content_ids(written.page, context.files)
    head, body = compose(_addressed(desk, letter, loaded, box, signed, written, now))
    return {
        **outbox.DEFAULTS,
        "incident": letter.incident,
        "person": letter.person.id,
        "purpose": str(letter.purpose),
        "automatic": letter.traits.limited,
        "outside": not letter.person.staff,
        "counted": str(letter.notices[0].counted),
        "sender": signed.sender,
        "recipient": letter.person.address,
        "subject": written.subject,
        "message_id": signed.message_id,
        "head": head,
        "body": body,
        "page": written.page.encode("utf-8", "replace"),
        "attachments": [
            [f.name, type_of(letter, f.sha256) or _type(loaded, f.sha256), f.sha256, shown.get(f.sha256, "")]
            for f in context.files
        ],
        "next_attempt": now,
        "expires": letter.expires,
        "made": now,
    }


def _written(
    desk: Desk, letter: PlannedLetter, context: LetterContext, incident: Incident | None, signed: _Signed
) -> WrittenLetter:
    """The letter of the gravest notice, with what the others have to say put into it."""
    language = letter.person.language or desk.policy.language
    mine = (*signed.mine, *context.answer.signed) if context.answer else signed.mine
    values = context.values()
    first, *others = letter.notices
    if letter.digest or not others:  # nearly all
        values["detail"] = _detail(first.tell.detail)
    else:
        pieces = []
        for one in others:
            piece = {**values, **_own(one, context), "history": (), "piece": True}
            pieces.append(desk.letters.piece(language, one.tell.purpose, piece))
        values |= _own(first, context) | {"also": pieces}
    return desk.letters.write(
        language,
        letter.purpose,
        values,
        signed.reply if signed.mine else "",
        desk.policy.reference(incident.number) if incident else first.tell.detail.get("reference") or desk.policy.name,
        lambda text: trust.without_tokens(desk.keys, text, mine),
    )


def _own(notice: Notice, context: LetterContext) -> dict[str, Any]:
    """What a notice is about, among all that its letter is about."""
    updates = tuple(one for one in context.updates if one.number in notice.tell.updates)
    return {"detail": _detail(notice.tell.detail), "updates": updates}


def _detail(stored: Mapping[str, Any]) -> dict[str, Any]:
    """As it was told; a moment, which is text in the notice's row, is a moment again."""
    found = {**stored, "due": datetime.fromisoformat(stored["due"])} if stored.get("due") else {**stored}
    return {**found, "tried": [*map(datetime.fromisoformat, stored["tried"])]} if "tried" in stored else found


def _type(loaded: Loaded, sha256: str) -> str:
    found = (file.type for files in loaded.files.values() for file in files if file.sha256 == sha256)
    return next(found, "application/octet-stream")


def _addressed(
    desk: Desk,
    letter: PlannedLetter,
    loaded: Loaded,
    box: Mailbox,
    signed: _Signed,
    written: WrittenLetter,
    now: datetime,
) -> Letter:
    """The letter with its head."""
    person = letter.person
    conversation = loaded.message_ids.get((letter.incident or 0, person.id), [])
    answered = [one.tell.detail["answers"] for one in letter.notices if "answers" in one.tell.detail]
    conversation = [*(one for one in conversation if one not in answered), *answered] if answered else conversation
    if len(conversation) > REFERENCES:
        conversation = [conversation[0], *conversation[1 - REFERENCES :]]
    return Letter(
        from_name=trust.without_tokens(desk.keys, _from_name(letter, loaded, box.name or desk.policy.name), ()),
        from_address=box.address,
        to_name=person.name if person.known else "",  # a stranger's name may be a forger's words
        to_address=person.address,
        subject=written.subject,
        date=now,
        message_id=signed.message_id,
        text=written.text,
        language=written.language,
        reply_to=signed.reply,
        in_reply_to=conversation[-1] if conversation else "",
        references=tuple(conversation),
        fields=_fields(letter),
    )


def _fields(letter: PlannedLetter) -> tuple[tuple[str, str], ...]:
    """Automatic mail says so (RFC 3834 section 5), and asks not to be answered by machines."""
    fields = [("X-Sitmail-Incident", str(letter.incident))] if letter.incident is not None else []
    fields.append(("X-Sitmail-Letter", str(letter.purpose)))
    if letter.traits.automatic:
        submitted = "auto-replied" if letter.traits.asked else "auto-generated"
        fields += [("Auto-Submitted", submitted), ("X-Auto-Response-Suppress", "All")]
    return tuple(fields)


def _from_name(letter: PlannedLetter, loaded: Loaded, desk: str) -> str:
    """ "Name via Desk" where a person's words are carried, else the desk.  `desk` is the name of the mailbox."""
    if letter.traits.words and letter.incident is not None:
        for number in letter.updates:
            entry = loaded.entries.get((letter.incident, number))
            author = loaded.persons.get(entry.author or 0) if entry else None
            if author is not None:
                return f"{author.name or author.address.partition('@')[0]} via {desk}"
    return desk
