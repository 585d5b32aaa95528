"""Incoming mail in the database: stored before its sender is told 250, and ended in exactly one way (behaviour 8).

`domain.endings` lists the ways.  What a mail says does not belong here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, or_, select, text, update

from sitmail.domain.record import record
from sitmail.store import blobs
from sitmail.store import ids as counters
from sitmail.store.blobs import BlobRow
from sitmail.store.prepared import Prepared, add, any_of
from sitmail.store.rows import RecordRows, field_names, row_of
from sitmail.store.schema import blob, inbox
from sitmail.store.text import storable

REPEATED = "same content to the same address"
PAUSES = (timedelta(seconds=1), timedelta(seconds=10))  # after the first and the second failure; the third is the last
NO_MAIL = 0  # the id of none
# Written out, not bound: only so do both databases see that their partial indexes serve.
FIRST = text("inbox.duplicate_of IS NULL")
WAITING = text("inbox.ending = 'waiting'")


@record
class Kept:
    """A mail as a door hands it over.  `recipient` decides where it goes and is normalised; `content` is the
    fingerprint without trace fields; `raw` is prepared (`BlobStore.prepare`), so that big ones are on the disk.
    """

    sender: str
    recipients: tuple[str, ...]
    recipient: str
    content: str
    raw: BlobRow
    received: datetime
    door: str
    client: str = ""
    login: str = ""


class Receipt(NamedTuple):
    """`duplicate_of` 0: the mail is new."""

    id: int
    duplicate_of: int


@record
class Waiting:
    """A kept mail to be read.  `data` None: its bytes are a file, asked for by `raw` (`BlobStore.read`)."""

    id: int
    received: datetime
    sender: str
    recipients: tuple[str, ...]
    recipient: str
    content: str
    raw: str
    size: int
    door: str
    client: str
    login: str
    attempts: int
    ending: str
    data: bytes | None


@record
class Ended:
    """How the stay of a mail ended, and what was read in it."""

    id: int
    ending: str
    rule: str
    reason: str
    ended: datetime
    incident: int | None = None
    author: str = ""
    subject: str = ""
    message_id: str = ""
    policy: str = ""


class Copy(NamedTuple):
    """The first mail with some content, whatever address it came to."""

    id: int
    ending: str
    incident: int | None


# --- keeping


def keep(connection: Connection, items: list[Kept]) -> list[Receipt]:
    """Keeps mails; a repeat (same content, same address; behaviour 8) is kept too, and ended at once as duplicate.

    A job of the writer.  Content counts, never the Message-ID, which anybody may send in advance.
    """
    firsts = _firsts(connection, {item.content for item in items})
    blobs.insert(connection, {item.raw.sha256: item.raw for item in items}.values())
    receipts, rows = [], []
    for item, number in zip(items, counters.of(connection).take(connection, "inbox", len(items)), strict=True):
        first = firsts.setdefault((item.content, item.recipient), number)
        receipt = Receipt(number, 0 if first == number else first)
        receipts.append(receipt)
        rows.append(_row(item, receipt))
    add(connection, inbox, rows)
    return receipts


def _firsts(connection: Connection, contents: Collection[str]) -> dict[tuple[str, str], int]:
    found = _FIRSTS.all(connection, contents=contents)
    return {(content, recipient): number for content, recipient, number in found}


_FIRSTS = Prepared(
    select(inbox.c.content, inbox.c.recipient, inbox.c.id).where(inbox.c.content.in_(any_of("contents")), FIRST)
)


def _row(item: Kept, receipt: Receipt) -> dict[str, Any]:
    """What is not named has the schema's default: the mail waits."""
    row = {"id": receipt.id, **row_of(item), "raw": item.raw.sha256, "size": item.raw.size}
    if receipt.duplicate_of:
        row |= {
            "ending": "duplicate",
            "reason": REPEATED,
            "duplicate_of": receipt.duplicate_of,
            "ended": item.received,
        }
    return row


# --- reading


def waiting(connection: Connection, limit: int, now: datetime, but: Collection[int] = ()) -> list[Waiting]:
    """The oldest mails that wait, in the order they came.

    Without those in `but`, which are being worked on, and those that failed and are not to be tried again yet.
    """
    return [_MAIL.record(row) for row in _WAIT.all(connection, now=now, limit=limit, but=but or (NO_MAIL,))]


def still_waiting(connection: Connection, mails: Collection[int]) -> list[int]:
    """Those of the mails that have not ended."""
    return [number for (number,) in _STILL.all(connection, mails=mails)]


def find_copies(connection: Connection, contents: Collection[str]) -> dict[str, Copy]:
    """The earliest mail with each of these contents; a mail that is no copy of another finds itself."""
    found = _COPIES.all(connection, wanted=contents)
    return {content: Copy(number, ending, incident) for content, number, ending, incident in found}


_MAIL = RecordRows(
    Waiting,
    inbox,
    elsewhere={"data": blob.c.content},
    convert={"recipients": tuple, "data": lambda data: None if data is None else bytes(data)},
)
_STILL = Prepared(select(inbox.c.id).where(inbox.c.id.in_(any_of("mails")), WAITING).order_by(inbox.c.id))
_READY = or_(inbox.c.not_before.is_(None), inbox.c.not_before <= bindparam("now"))
_WAIT = Prepared(
    select(*_MAIL.columns)
    .join_from(inbox, blob, inbox.c.raw == blob.c.sha256)
    .where(WAITING, _READY, inbox.c.id.not_in(any_of("but")))
    .order_by(inbox.c.id)
    .limit(bindparam("limit"))
)
_COPIES = Prepared(
    select(inbox.c.content, inbox.c.id, inbox.c.ending, inbox.c.incident)
    .where(inbox.c.content.in_(any_of("wanted")), FIRST)
    .order_by(inbox.c.id.desc())
)


# --- ending


def finish(connection: Connection, rows: Sequence[Ended]) -> None:
    """Writes the endings, in the transaction that applied the mails."""
    _FINISH.run(connection, [{"key": row.id, **row_of(row, but=("id",))} for row in rows])


_FINISH = Prepared(
    update(inbox)
    .where(inbox.c.id == bindparam("key"))
    .values({name: bindparam(name) for name in field_names(Ended) if name != "id"})
)


def failed(connection: Connection, id: int, now: datetime, error: str) -> int:
    """Counts a failure to read or apply a mail and tells how many there were; it rests before it is tried again.

    The third is the last: the mail is quarantined, with `error` as the reason.
    """
    attempts = connection.execute(select(inbox.c.attempts).where(inbox.c.id == id)).scalar_one() + 1
    values: dict[str, Any] = {"attempts": attempts, "reason": storable(error)}
    if attempts > len(PAUSES):
        values |= {"ending": "quarantined", "ended": now}
    else:
        values |= {"not_before": now + PAUSES[attempts - 1]}
    connection.execute(update(inbox).where(inbox.c.id == id).values(values))
    return int(attempts)


def retry(connection: Connection, id: int) -> bool:
    """Lets a quarantined or resting mail be read again at once; False for all others, which would be applied twice."""
    again = update(inbox).where(inbox.c.id == id, inbox.c.ending.in_(("quarantined", "waiting")))
    values = {"ending": "waiting", "attempts": 0, "not_before": None, "ended": None, "reason": ""}
    return connection.execute(again.values(values)).rowcount == 1
