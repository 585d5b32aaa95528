"""How far each IMAP folder has been fetched, which mails in it failed, and which daemon fetches it.

A position is an account, a folder, its UIDVALIDITY and a UID (RFC 3501 section 2.3.1.1).  Every mail up to that UID is
in the inbox, or is a row of table `leftover`: it could not be fetched, or it is not marked as done on the server yet.
If a position is lost, mails are fetched again and recognised as duplicates (`inbox.keep`).

When a folder is opened for the first time, or its UIDs mean other mails now, the mails that are there are told from
later ones by a boundary: of those up to it only what `first` names is taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from sitmail.domain.record import record
from sitmail.store.prepared import add
from sitmail.store.rows import row_of
from sitmail.store.schema import leftover, source
from sitmail.store.text import storable

FETCH, MARK = "fetch", "mark"  # what is still to be done with a leftover
LEASE = timedelta(minutes=15)  # after so long without news from a daemon another one may fetch its folders
# Before the second try, the third and so on.  Short at first: most failures are a server that restarts.
PAUSES = (0, 10, 60, 600, 3600, 21_600)  # seconds
REPORTED_AFTER = 3  # failures, after which `sitmail status` tells of a mail
HOPELESS_PAUSE = timedelta(days=1)  # before the next try, where trying again soon is of no use
REASONS = 20  # that are shown
REASON = 500  # characters that are kept of a reason


class Place(NamedTuple):
    """A folder of an account."""

    account: str
    folder: str


@record
class Later:
    """A mail to be tried again later.  `hopeless`: not soon, and `sitmail status` tells of it at once."""

    uid: int
    want: str
    reason: str = ""
    failed: bool = True
    hopeless: bool = False


@record
class Progress:
    """What was reached.  `uid` 0: the position stays.  `settled` are leftovers no more, `later` are new ones."""

    place: Place
    now: datetime
    uid: int = 0
    settled: tuple[int, ...] = ()
    later: tuple[Later, ...] = ()


@record
class Claim:
    """A daemon (`owner`) wants to fetch a folder; `first` is what it shall take of the mails that are there already."""

    place: Place
    owner: str
    now: datetime
    first: str = ""


@record
class Configured:
    """All folders that a daemon is configured to fetch."""

    places: frozenset[Place]
    owner: str


@record
class Opened:
    """What a server answered when a folder was opened; `uidnext` 0: nothing about UIDNEXT.  `last`: the highest UID."""

    place: Place
    uidvalidity: int
    uidnext: int
    last: int = 0


@record
class Start:
    """Where to go on.  All up to `uid` was handled; of the mails up to `boundary` only what `first` names is taken.

    `begun`: when the folder was first to be fetched; `again`: its UIDs were given anew since.
    """

    uid: int
    boundary: int
    first: str
    begun: datetime | None
    again: bool


@record
class LeftAlone:
    """How many mails were there before and are not taken."""

    place: Place
    mails: int


@record
class Trouble:
    """Why a folder cannot be fetched, as a sentence; "" if it can."""

    place: Place
    sentence: str
    now: datetime


# --- jobs of the writer


def claim(connection: Connection, items: list[Claim]) -> list[bool]:
    """Reserves a folder for a daemon, or renews that.  False while another daemon has it and its lease runs."""
    return [_claim(connection, item) for item in items]


def _claim(connection: Connection, item: Claim) -> bool:
    free = or_(source.c.owner.in_(("", item.owner)), source.c.lease.is_(None), source.c.lease < item.now)
    add(connection, source, [_fresh(item.place)], once=True)
    taken = update(source).where(*_at(source, item.place), free).values(owner=item.owner, lease=item.now + LEASE)
    if connection.execute(taken).rowcount != 1:
        return False
    unopened = update(source).where(*_at(source, item.place), source.c.uidvalidity == 0)
    connection.execute(unopened.values(first=item.first, begun=func.coalesce(source.c.begun, item.now)))
    return True


def release(connection: Connection, items: list[Claim]) -> list[None]:
    """Gives a folder up, so that another daemon need not wait for the lease to end."""
    for item in items:
        mine = update(source).where(*_at(source, item.place), source.c.owner == item.owner)
        connection.execute(mine.values(owner="", lease=None))
    return [None] * len(items)


def forget(connection: Connection, items: list[Configured]) -> list[None]:
    """Gives up the folders that this daemon is configured to fetch no more; if one returns, it goes on where it was.

    Nothing is told of them meanwhile: their leftovers have not failed yet.  The troubles of the others are removed too:
    a folder that still has trouble reports it again.
    """
    for item in items:
        ours = source.c.owner.in_(("", item.owner))
        for row in connection.execute(select(source.c.account, source.c.folder).where(ours)).all():
            place = Place(*row)
            here = update(source).where(*_at(source, place))
            connection.execute(here.values(trouble="", since=None))
            if place not in item.places:
                connection.execute(here.values(owner="", lease=None, older=0))
                connection.execute(update(leftover).where(*_at(leftover, place)).values(attempts=0))
    return [None] * len(items)


def begin(connection: Connection, items: list[Opened]) -> list[Start]:
    """Where to go on; from 0 if the folder was never opened, or its UIDs have changed (RFC 3501 section 2.3.1.1).

    If the folder's next UID is below what was reached, the folder was restored from a backup, and its UIDs mean other
    mails now.
    """
    return [_begin(connection, item) for item in items]


def _begin(connection: Connection, item: Opened) -> Start:
    add(connection, source, [_fresh(item.place)], once=True)
    wanted = select(source.c.uidvalidity, *(source.c[name] for name in Start.__annotations__))
    validity, *start = connection.execute(wanted.where(*_at(source, item.place))).one()
    begun = Start(*start)
    if validity == item.uidvalidity and (not item.uidnext or begun.uid < item.uidnext):
        return begun
    connection.execute(delete(leftover).where(*_at(leftover, item.place)))
    anew = replace(begun, uid=0, boundary=item.last, again=validity != 0)
    values = {"uid": anew.uid, "boundary": anew.boundary, "again": anew.again, "uidvalidity": item.uidvalidity}
    connection.execute(update(source).where(*_at(source, item.place)).values(values))
    return anew


def leave_alone(connection: Connection, items: list[LeftAlone]) -> list[None]:
    """Writes down how many mails were there before and are not taken."""
    for item in items:
        connection.execute(update(source).where(*_at(source, item.place)).values(older=item.mails))
    return [None] * len(items)


def progress(connection: Connection, items: list[Progress]) -> list[None]:
    """Moves positions forward and writes down the leftovers, in one transaction."""
    for item in items:
        _progress(connection, item)
    return [None] * len(items)


def _progress(connection: Connection, item: Progress) -> None:
    if item.uid:
        forward = update(source).where(*_at(source, item.place), source.c.uid < item.uid)
        connection.execute(forward.values(uid=item.uid))
    named = [*item.settled, *(one.uid for one in item.later)]
    if not named:
        return
    here = (*_at(leftover, item.place), leftover.c.uid.in_(named))
    before = {(row.uid, row.want): row.attempts for row in connection.execute(select(leftover).where(*here))}
    connection.execute(delete(leftover).where(*here))
    if item.later:
        rows = [_row(item, one, before.get((one.uid, one.want), 0)) for one in item.later]
        connection.execute(insert(leftover), rows)


def _row(item: Progress, one: Later, attempts: int) -> dict[str, Any]:
    attempts = max(attempts + one.failed, REPORTED_AFTER if one.hopeless else 0)
    pause = HOPELESS_PAUSE if one.hopeless else timedelta(seconds=PAUSES[min(max(attempts - 1, 0), len(PAUSES) - 1)])
    return {
        "account": item.place.account,
        "folder": item.place.folder,
        **row_of(one, but=("failed", "hopeless")),
        "attempts": attempts,
        "not_before": item.now + pause,
        "reason": storable(one.reason)[:REASON],
    }


def trouble(connection: Connection, items: list[Trouble]) -> list[None]:
    """Writes down why a folder cannot be fetched and since when, or that it can."""
    for item in items:
        add(connection, source, [_fresh(item.place)], once=True)
        here = update(source).where(*_at(source, item.place))
        sentence = storable(item.sentence)[:REASON]
        connection.execute(here.where(source.c.trouble == "").values(since=item.now if sentence else None))
        connection.execute(here.values(trouble=sentence) if sentence else here.values(trouble="", since=None))
    return [None] * len(items)


# --- reading


def due(connection: Connection, place: Place, want: str, now: datetime, limit: int) -> list[int]:
    """UIDs of leftovers to be tried again now, those that failed least first."""
    query = select(leftover.c.uid).where(*_at(leftover, place), leftover.c.want == want, leftover.c.not_before <= now)
    return list(connection.execute(query.order_by(leftover.c.attempts, leftover.c.uid).limit(limit)).scalars())


def next_due(connection: Connection, place: Place) -> datetime | None:
    """When the next leftover is to be tried again; None if there is none."""
    query = select(leftover.c.not_before).where(*_at(leftover, place))
    return connection.execute(query.order_by(leftover.c.not_before).limit(1)).scalar()


def troubles(connection: Connection) -> list[Any]:
    """Folders that cannot be fetched: account, folder, trouble, since."""
    query = select(source.c.account, source.c.folder, source.c.trouble, source.c.since)
    return list(connection.execute(query.where(source.c.trouble != "").order_by(source.c.account, source.c.folder)))


def left_alone(connection: Connection) -> list[Any]:
    """Folders in which mails were left alone that were there before: account, folder, older (how many)."""
    query = select(source.c.account, source.c.folder, source.c.older)
    return list(connection.execute(query.where(source.c.older > 0).order_by(source.c.account, source.c.folder)))


def failing(connection: Connection) -> list[Any]:
    """Leftovers that failed repeatedly, by the reason: account, folder, want, reason, mails (how many)."""
    keys = (leftover.c.account, leftover.c.folder, leftover.c.want, leftover.c.reason)
    counted = select(*keys, func.count().label("mails"))
    failing_ = counted.where(leftover.c.attempts >= REPORTED_AFTER)
    return list(connection.execute(failing_.group_by(*keys).order_by(*keys).limit(REASONS)))


def _at(table: Any, place: Place) -> Iterable[Any]:
    return table.c.account == place.account, table.c.folder == place.folder


def _fresh(place: Place) -> dict[str, Any]:
    """The row of a place of which nothing is known yet; the schema has the other columns' values."""
    return row_of(place)
