"""The one gate for everything we say: wanted notices become rows, those due now letters, the rest wait for a tick.

Once-only is the notice's unique key.  Of automatic notices to one reader about one incident the first leaves at once,
later ones are folded into one letter; limits count letters to people outside; engineers get digests
(behaviour 3 and 8).  Nothing is dropped here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, func, select, update

from sitmail.domain.decision_builder import letter_of_its_own
from sitmail.domain.effects import Tell
from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose
from sitmail.domain.outgoing import Outgoing
from sitmail.domain.people import Person
from sitmail.domain.policy import Limits
from sitmail.services import letter_writer
from sitmail.services.desk import Desk, remember_letters
from sitmail.services.letter_context import Due, leg_of
from sitmail.services.rate_limits import RateLimits
from sitmail.services.transaction_cache import TransactionCache
from sitmail.store import directory_lookup, ids, outbox
from sitmail.store.prepared import add
from sitmail.store.schema import notice

BATCH = 200  # notices of one tick
# In the order of the index of what waits; by id alone SQLite would walk through every notice ever made.
_FIRST_DUE = (notice.c.not_before, notice.c.id)


class _Notice(NamedTuple):
    """A notice with its row's id; `fresh` ones have no row yet."""

    id: int
    wanted: Tell
    key: str
    fresh: bool


def tell(
    connection: Connection, desk: Desk, wanted: Sequence[Tell], now: datetime, known: TransactionCache | None = None
) -> list[Outgoing]:
    """Records what a batch of decisions wants to say, and writes the letters that may leave now."""
    if not wanted:
        return []
    known = known or TransactionCache()
    delay = timedelta(seconds=desk.policy.send_delay)
    keys = ids.of(connection).take(connection, "notice", len(wanted))
    once = {notice_key(one): one for one in wanted}
    fresh = [_Notice(number, one, key, True) for number, (key, one) in zip(keys, once.items(), strict=False)]
    gate = RateLimits(connection, desk, once.values(), now, known.opened)
    leaving: list[_Notice] = []
    rows = []
    for one in fresh:
        at = gate.opens(one.wanted)
        if delay and not PURPOSES[one.wanted.purpose].automatic:
            at = max(at, now + delay)
        if at <= now:
            leaving.append(one)
        rows.append(_row(one, at, now))
    made = _letters(connection, desk, leaving, now, known)
    letter_of = {key: row["id"] for row, members in made for key in members}
    for row in rows:
        row["outbox"] = letter_of.get(row["id"])
    add(connection, notice, rows)
    return _posted(connection, desk, made)


def send_due(connection: Connection, desk: Desk, now: datetime) -> list[Outgoing]:
    """Writes the letters whose time has come; those that a limit still holds back get another time."""
    query = select(notice).where(notice.c.outbox.is_(None), notice.c.not_before <= now)
    rows = connection.execute(query.order_by(*_FIRST_DUE).limit(BATCH)).mappings().all()
    if not rows:
        return []
    persons = directory_lookup.persons(connection, {row["person"] for row in rows})
    waiting = [_again(row, persons[row["person"]]) for row in rows]
    waiting += _crowd(connection, waiting, persons, desk.policy.limits.digest_above, now)
    gate = RateLimits(connection, desk, [one.wanted for one in waiting], now)
    leaving, later, expired = [], [], []
    for one in _folded_first(waiting):
        if _pointless(one.wanted, desk, now):
            expired.append(one.id)
            continue
        at = gate.opens(one.wanted, held=True)
        if at <= now:
            leaving.append(one)
        else:
            later.append((one.id, at))
    made = _letters(connection, desk, _as_digests(leaving, desk.policy.limits), now, TransactionCache())
    for row, members in made:
        connection.execute(update(notice).where(notice.c.id.in_(members)).values(outbox=row["id"]))
    if expired:
        connection.execute(update(notice).where(notice.c.id.in_(expired)).values(outbox=0))
    for key, at in later:
        connection.execute(update(notice).where(notice.c.id == key).values(not_before=at))
    return _posted(connection, desk, made)


def _crowd(
    connection: Connection, due: Sequence[_Notice], persons: Mapping[int, Person], most: int, now: datetime
) -> list[_Notice]:
    """What else waits for an engineer, if with what is due it makes a digest: one by one it would be a flood."""
    staff = [key for key, person in persons.items() if person.staff]
    query = select(notice).where(notice.c.outbox.is_(None), notice.c.not_before > now, notice.c.person.in_(staff))
    rows = connection.execute(query.order_by(*_FIRST_DUE).limit(BATCH)).mappings().all() if staff else []
    folding = [one for one in (_again(row, persons[row["person"]]) for row in rows) if _lists(one)]
    counted = Counter(one.wanted.person.id for one in (*due, *folding) if _lists(one))
    return [one for one in folding if counted[one.wanted.person.id] > most]


def _pointless(wanted: Tell, desk: Desk, now: datetime) -> bool:
    """Its time is over, or its reader is no engineer of ours any more."""
    gone = wanted.person.staff and wanted.person.key not in desk.policy.engineers
    return gone or (wanted.expires is not None and wanted.expires < now)


def next_due(connection: Connection) -> datetime | None:
    """When the next waiting notice may leave."""
    query = select(func.min(notice.c.not_before, type_=notice.c.not_before.type)).where(notice.c.outbox.is_(None))
    found: datetime | None = connection.execute(query).scalar()
    return found


def notice_key(wanted: Tell) -> str:
    """What makes a notice once-only: who is told what about which incident because of what."""
    what = letter_of_its_own(wanted.detail)
    return f"{wanted.cause}:{wanted.incident or 0}:{wanted.purpose}{what}:{wanted.person.id}"


def _row(one: _Notice, at: datetime, now: datetime) -> dict[str, Any]:
    wanted = one.wanted
    return {
        "id": one.id,
        "key": one.key,
        "person": wanted.person.id,
        "incident": wanted.incident,
        "leg": str(PURPOSES[wanted.purpose].leg),
        "purpose": str(wanted.purpose),
        "updates": list(wanted.updates),
        "detail": {**wanted.detail, "": wanted.number} if wanted.number else dict(wanted.detail),
        "cycle": wanted.cycle,
        "made": now,
        "not_before": at,
        "expires": wanted.expires,
    }


def _again(row: RowMapping, person: Person) -> _Notice:
    detail = dict(row["detail"])
    number = int(detail.pop("", 0))
    wanted = Tell(
        person,
        NoticePurpose(row["purpose"]),
        row["incident"],
        tuple(row["updates"]),
        detail,
        "",
        row["cycle"],
        row["expires"],
        number,
    )
    return _Notice(row["id"], wanted, row["key"], False)


def _folded_first(waiting: Sequence[_Notice]) -> list[_Notice]:
    """Oldest first, and what will share a letter together."""
    first: dict[tuple[int, int | None], int] = {}
    for one in waiting:
        first.setdefault((one.wanted.person.id, one.wanted.incident), one.id)
    return sorted(waiting, key=lambda o: (first[o.wanted.person.id, o.wanted.incident], o.id))


def _as_digests(leaving: Sequence[_Notice], limits: Limits) -> list[_Notice]:
    """An engineer with more automatic letters than `digest_above` gets one letter that lists them."""
    automatic: dict[int, list[_Notice]] = {}
    for one in leaving:
        if _lists(one):
            automatic.setdefault(one.wanted.person.id, []).append(one)
    crowded = {person for person, some in automatic.items() if len(some) > limits.digest_above}
    return [
        one._replace(wanted=replace(one.wanted, detail={**one.wanted.detail, "digest": True}))
        if one.wanted.person.id in crowded and _lists(one)
        else one
        for one in leaving
    ]


def _lists(one: _Notice) -> bool:
    """Whether a line of a digest can stand for it."""
    purpose = PURPOSES[one.wanted.purpose]
    return one.wanted.person.staff and purpose.automatic and not purpose.words and not purpose.asked


def _letters(
    connection: Connection, desk: Desk, leaving: Sequence[_Notice], now: datetime, known: TransactionCache
) -> list[tuple[dict[str, Any], list[int]]]:
    """The outbox rows, each with the ids of the notices it carries."""
    groups: dict[Any, list[_Notice]] = {}
    for one in leaving:
        groups.setdefault(_together(one), []).append(one)
    numbers = ids.of(connection).take(connection, "outbox", len(groups)) if groups else ()
    due = [_due(number, members) for number, members in zip(numbers, groups.values(), strict=True)]
    rows = letter_writer.write(connection, desk, due, now, known)
    return [(row, [one.id for one in members]) for row, members in zip(rows, groups.values(), strict=True)]


def _together(one: _Notice) -> Any:
    """What shares a letter: automatic notices to one reader about one incident, and all that a digest lists."""
    wanted, purpose = one.wanted, PURPOSES[one.wanted.purpose]
    if wanted.detail.get("digest"):
        return ("digest", wanted.person.id)
    if purpose.automatic and not purpose.words and not purpose.kind and not purpose.asked:
        return (wanted.person.id, wanted.incident)
    return one.id


def _due(number: int, members: Sequence[_Notice]) -> Due:
    first = members[0].wanted
    digest = bool(first.detail.get("digest"))
    if digest:
        purposes: tuple[NoticePurpose, ...] = (NoticePurpose.DIGEST,)
        details: tuple[Mapping[str, Any], ...] = ({"lines": [[m.wanted.incident, m.wanted.purpose] for m in members]},)
    elif len(members) == 1:
        purposes, details = (first.purpose,), (first.detail,)
    else:
        purposes, details = _folded(members)
    return Due(  # in the order of its fields
        number,
        members[0].key,
        first.person,
        None if digest else first.incident,
        purposes,
        () if digest else _updates(members),
        details,
        PURPOSES[purposes[0]],
        leg_of(purposes, details),
        0 if digest else first.number,
        None if digest else first.expires,
    )


def _updates(members: Sequence[_Notice]) -> tuple[int, ...]:
    if len(members) == 1 and len(members[0].wanted.updates) <= 1:
        return members[0].wanted.updates
    return tuple(sorted({n for m in members for n in m.wanted.updates}))


def _folded(members: Sequence[_Notice]) -> tuple[tuple[NoticePurpose, ...], tuple[Mapping[str, Any], ...]]:
    """Purposes and details of notices that share a letter; each promise is told of by itself."""
    said: dict[tuple[NoticePurpose, str], Mapping[str, Any]] = {}
    for one in members:
        name = (one.wanted.purpose, str(one.wanted.detail.get("target", "")))
        said[name] = _joined(said.get(name, {}), one.wanted.detail)
    return tuple(name for name, _ in said), tuple(said.values())


def _joined(before: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """Details of notices that share a letter: what came later counts, lists go on."""
    lists = {
        name: list(dict.fromkeys([*before[name], *value]))
        for name, value in later.items()
        if isinstance(value, list) and isinstance(before.get(name), list) and all(isinstance(v, str) for v in value)
    }
    return {**before, **later, **lists}


def _posted(connection: Connection, desk: Desk, made: Sequence[tuple[dict[str, Any], list[int]]]) -> list[Outgoing]:
    rows = [row for row, _ in made]
    outbox.insert(connection, rows)
    remember_letters(desk, rows)
    return [outbox.letter(row) for row in rows]
