"""The one gate for everything we say: notices become rows, those due now letters, the rest wait for a tick.

Once-only is the notice's unique key.  When a notice may leave is decided by `domain/letter_limits` and, for engineers,
`domain/quiet_hours`; what shares a letter by `letter_plan`, what it says at the moment it leaves by `domain/departing`.
Whatever becomes of a notice, its row says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, update

from sitmail.domain.decision_builder import letter_of_its_own
from sitmail.domain.departing import Dropped
from sitmail.domain.effects import Tell
from sitmail.domain.letter_limits import CountedAs
from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose
from sitmail.domain.outgoing import Outgoing
from sitmail.domain.outside_readers import hears
from sitmail.domain.people import Person
from sitmail.domain.quiet_hours import waits_until
from sitmail.domain.sentence import stored
from sitmail.services import letter_writer
from sitmail.services.desk import Desk, remember_letters
from sitmail.services.letter_plan import Notice, crowds, plan
from sitmail.services.letter_writer import Written
from sitmail.services.rate_limits import RateLimits
from sitmail.services.transaction_cache import TransactionCache
from sitmail.store import directory_lookup, ids, outbox
from sitmail.store.prepared import add
from sitmail.store.schema import notice

BATCH = 200  # notices of one tick
WAITING = notice.c.settled.is_(None)
# In the order of the index of what waits; by id alone SQLite would walk through every notice ever made.
_FIRST_DUE = (notice.c.not_before, notice.c.id)


def tell(
    connection: Connection, desk: Desk, tells: Sequence[Tell], now: datetime, known: TransactionCache | None = None
) -> list[Outgoing]:
    """Records what a batch of decisions has to say, and writes the letters that may leave now."""
    if not tells:
        return []
    known = known or TransactionCache()
    keys = ids.of(connection).take(connection, "notice", len(tells))
    once = {notice_key(one): one for one in tells}
    limits = RateLimits(connection, desk, once.values(), now, known.opened, known.incidents)
    leaving: list[Notice] = []
    rows = []
    dropped: dict[int, Dropped] = {}
    paced = Pace(desk.policy.limits.automatic_per_minute)
    crowd = _at_once(once.values(), limits, desk.policy.limits.digest_above)
    for number, (key, one) in zip(keys, once.items(), strict=False):
        waited = (one.person.id, limits.counted(one)) in crowd
        at = max(waits_until(one, desk.policy, now) or limits.opens(one, waited=waited), now + paced.later(one))
        if not hears(one.person, one.purpose, desk.policy):
            dropped[number] = Dropped.MONITOR
            rows.append(_row(number, key, one, now, now))
            continue
        if at <= now:
            leaving.append(Notice(ids=(number,), key=key, tell=one, counted=limits.counted(one)))
        rows.append(_row(number, key, one, at, now))
    written = _write(connection, desk, leaving, limits, now, known)
    dropped |= written.dropped
    letter_of = {key: row["id"] for row, members in written.rows for key in members}
    for row in rows:
        row["outbox"], row["dropped"] = letter_of.get(row["id"]), str(dropped.get(row["id"], ""))
        row["settled"] = now if row["outbox"] or row["dropped"] else None
    add(connection, notice, rows)
    return _posted(connection, desk, written)


def _at_once(tells: Collection[Tell], limits: RateLimits, above: int) -> set[tuple[int, CountedAs]]:
    """Engineers who are told so much by one transaction, and nothing shortly before, that it is a digest at once."""
    about = {(one.person.id, limits.counted(one), one.incident) for one in tells if one.person.staff}
    counts = Counter((person, kind) for person, kind, _ in about)
    return {key for key, count in counts.items() if count > max(above, 1) and not limits.folding(*key)}


class Pace:
    """One mail's words to very many people, as a storm's lead writes them, leave so many a minute, in their order."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._told: Counter[str] = Counter()

    def later(self, one: Tell) -> timedelta:
        """How long this one waits for those before it."""
        if one.person.staff or PURPOSES[one.purpose].automatic or not self._per_minute:
            return timedelta()
        self._told[one.cause] += 1
        return timedelta(minutes=(self._told[one.cause] - 1) // self._per_minute)


def send_due(connection: Connection, desk: Desk, now: datetime) -> list[Outgoing]:
    """Writes the letters whose time has come; those that a limit still holds back get another time."""
    query = select(notice).where(WAITING, notice.c.not_before <= now).order_by(*_FIRST_DUE).limit(BATCH)
    rows = connection.execute(query).mappings().all()
    if len(rows) == BATCH:  # what a night left over, most of it stale, would fill several letters
        stale = update(notice).where(WAITING, notice.c.not_before <= now, notice.c.expires < now)
        connection.execute(stale.values(settled=now, dropped=str(Dropped.EXPIRED)))
        rows = connection.execute(query).mappings().all()
    if not rows:
        return []
    persons = directory_lookup.persons(connection, {row["person"] for row in rows})
    due = [(row, _tell(row, persons[row["person"]])) for row in rows]
    due += _crowd(connection, desk, due, persons, now)
    limits = RateLimits(connection, desk, [one for _, one in due], now)
    leaving, later = [], []
    dropped: dict[int, Dropped] = {}
    for row, one in _in_order(due):
        if (why := _pointless(one, desk, now)) is not None:
            dropped[row["id"]] = why
        elif (at := waits_until(one, desk.policy, now) or limits.opens(one, waited=True)) <= now:
            leaving.append(Notice(ids=(row["id"],), key=row["key"], tell=one, counted=limits.counted(one)))
        else:
            later.append((row["id"], at))
    written = _write(connection, desk, leaving, limits, now, TransactionCache())
    _settle(connection, Written(written.rows, dropped | written.dropped), now)
    for key, at in later:
        connection.execute(update(notice).where(notice.c.id == key).values(not_before=at))
    return _posted(connection, desk, written)


def next_due(connection: Connection) -> datetime | None:
    """When the next waiting notice may leave."""
    query = select(func.min(notice.c.not_before, type_=notice.c.not_before.type)).where(WAITING)
    found: datetime | None = connection.execute(query).scalar()
    return found


def was_told(connection: Connection, persons: Iterable[Person], purpose: NoticePurpose, cause: str) -> bool:
    """Whether one of them was, or will be, told that because of `cause`, about no incident."""
    keys = [notice_key(Tell(person, purpose, cause=cause)) for person in persons]
    return connection.execute(select(notice.c.id).where(notice.c.key.in_(keys)).limit(1)).one_or_none() is not None


def notice_key(one: Tell) -> str:
    """What makes a notice once-only: who is told what about which incident because of what."""
    what = letter_of_its_own(one.detail)
    return f"{one.cause}:{one.incident or 0}:{one.purpose}{what}:{one.person.id}"


def say_nothing(connection: Connection, tells: Sequence[Tell], now: datetime) -> None:
    """Notes that there was nothing to say, so that it is not thought of again."""
    keys = ids.of(connection).take(connection, "notice", len(tells)) if tells else ()
    settled = {"settled": now, "outbox": None, "dropped": str(Dropped.NOTHING)}
    rows = [_row(number, notice_key(one), one, now, now) for number, one in zip(keys, tells, strict=True)]
    add(connection, notice, [row | settled for row in rows])


# --- what waits


def _crowd(
    connection: Connection,
    desk: Desk,
    due: Sequence[tuple[RowMapping, Tell]],
    persons: Mapping[int, Person],
    now: datetime,
) -> list[tuple[RowMapping, Tell]]:
    """What else waits for an engineer, if with what is due it makes a digest: one by one it would be a flood."""
    staff = [key for key, person in persons.items() if person.staff]
    query = select(notice).where(WAITING, notice.c.not_before > now, notice.c.person.in_(staff))
    rows = connection.execute(query.order_by(*_FIRST_DUE).limit(BATCH)).mappings().all() if staff else []
    waiting = [(row, one) for row in rows if PURPOSES[(one := _tell(row, persons[row["person"]])).purpose].listed]
    counted = Counter(one.person.id for _, one in (*due, *waiting) if PURPOSES[one.purpose].listed)
    return [(row, one) for row, one in waiting if counted[one.person.id] > desk.policy.limits.digest_above]


def _pointless(one: Tell, desk: Desk, now: datetime) -> Dropped | None:
    """Its time is over, its reader is no engineer of ours any more, or by now a monitor."""
    if not hears(one.person, one.purpose, desk.policy):
        return Dropped.MONITOR
    if one.person.staff and one.person.key not in desk.policy.engineers:
        return Dropped.READER_LEFT
    return Dropped.EXPIRED if one.expires is not None and one.expires < now else None


def _in_order(due: Sequence[tuple[RowMapping, Tell]]) -> list[tuple[RowMapping, Tell]]:
    """People the desk knows before strangers, then the oldest first, and what will share a letter together."""
    first: dict[tuple[int, int | None], int] = {}
    for row, one in due:
        first.setdefault((one.person.id, one.incident), row["id"])

    def place(waiting: tuple[RowMapping, Tell]) -> tuple[bool, int, int]:
        row, one = waiting
        return not one.person.known, first[one.person.id, one.incident], row["id"]

    return sorted(due, key=place)


# --- letters and rows


def _write(
    connection: Connection,
    desk: Desk,
    leaving: Sequence[Notice],
    limits: RateLimits,
    now: datetime,
    known: TransactionCache,
) -> Written:
    late = {one.tell.person.id for one in leaving if one.counted is CountedAs.LATE}
    before = {person: limits.late_this_hour(person) for person in late}
    letters = plan(leaving, crowds(leaving, desk.policy.limits.digest_above, before))
    return letter_writer.write(connection, desk, letters, now, known)


def _posted(connection: Connection, desk: Desk, written: Written) -> list[Outgoing]:
    rows = [row for row, _ in written.rows]
    outbox.insert(connection, rows)
    remember_letters(desk, rows)
    return [outbox.letter(row) for row in rows]


def _settle(connection: Connection, written: Written, now: datetime) -> None:
    """Notes what became of notices that waited."""
    settled: list[tuple[Iterable[int], dict[str, Any]]] = [
        *((members, {"outbox": row["id"]}) for row, members in written.rows),
        *(((key,), {"dropped": str(why)}) for key, why in written.dropped.items()),
    ]
    for keys, values in settled:
        connection.execute(update(notice).where(notice.c.id.in_(keys)).values(settled=now, **values))


def _row(number: int, key: str, one: Tell, at: datetime, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "key": key,
        "person": one.person.id,
        "incident": one.incident,
        "leg": str(PURPOSES[one.purpose].leg),
        "purpose": str(one.purpose),
        "updates": list(one.updates),
        "detail": {name: stored(value) for name, value in one.detail.items()},
        "number": one.number,
        "cycle": one.cycle,
        "made": now,
        "not_before": at,
        "expires": one.expires,
    }


def _tell(row: RowMapping, person: Person) -> Tell:
    """The notice of a row that waited."""
    return Tell(
        person=person,
        purpose=NoticePurpose(row["purpose"]),
        incident=row["incident"],
        updates=tuple(row["updates"]),
        detail=row["detail"],
        cycle=row["cycle"],
        expires=row["expires"],
        number=row["number"],
    )
