"""Effects become rows: one small function an effect, and what every mail leaves behind.

Nothing is decided here, and no letter is written: what is to be told goes to `telling`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sitmail.domain import effects as e
from sitmail.domain.facts import Case
from sitmail.domain.incident import Status
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.update import LegKind
from sitmail.services import held_mail
from sitmail.services.hints import Arrival
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork, Wanted
from sitmail.store import blobs, directory_lookup, inbox, incidents
from sitmail.store import schema as t
from sitmail.store.text import storable
from sitmail.store.updates_log import TEXT_PARTS


def enter(unit: UnitOfWork, entry: PendingDecision) -> None:
    """Turns one decision into rows."""
    for effect in entry.decision.effects:
        WRITE[type(effect)](unit, entry, effect)
    if entry.arrival is not None:
        _remember_ids(unit, entry)
        _end(unit, entry, entry.arrival)


def _number(entry: PendingDecision, incident: int) -> int:
    return incident or entry.opened


def _person(entry: PendingDecision, person: Person) -> Person:
    stored = person if person.id else entry.met[person.key]
    entry.people[stored.id] = stored
    return stored


# --- one small function an effect


def _meet(unit: UnitOfWork, entry: PendingDecision, effect: e.Meet) -> None:
    person = directory_lookup.add_stranger(unit.connection, unit.ids, effect.address, effect.name)
    if effect.known:
        directory_lookup.make_known(unit.connection, [person.id])
    entry.met[effect.address] = person


def _know(unit: UnitOfWork, _entry: PendingDecision, effect: e.Know) -> None:
    if effect.person.id:
        directory_lookup.make_known(unit.connection, [effect.person.id])


def _open(unit: UnitOfWork, entry: PendingDecision, effect: e.Open) -> None:
    number = entry.opened
    unit.fresh[number] = {  # what is not named here is as the schema and `Incident` say, which agree
        "number": number,
        "mailbox": effect.mailbox,
        "title": storable(effect.title),
        "status": effect.status,
        "priority": effect.priority,
        "owner": effect.owner,
        "team": effect.team,
        "contact": _person(entry, effect.contact).id,
        "site": effect.site,
        "contract": effect.contract,
        "product": effect.product,
        "service_level": effect.service_level,
        "calendar": effect.calendar,
        "channel": effect.channel,
        "logged_by": effect.logged_by,
        "opened": unit.now,
        "updated": unit.now,
        "cycle_opened": unit.now,
        "updates": 0,
        "monitor_key": effect.monitor_key,
        "fields": {},
    }
    for kind in (LegKind.PUBLIC, LegKind.INTERNAL):
        _new_leg(unit, number, kind)


def _new_leg(unit: UnitOfWork, number: int, kind: LegKind) -> int:
    key, name = unit.key("leg"), str(kind)
    unit.put("leg", {"id": key, "incident": number, "kind": name})
    unit.legs[(number, name)] = key
    return key


def _leg(unit: UnitOfWork, number: int, kind: LegKind) -> int:
    if (number, str(kind)) not in unit.legs:
        unit.legs |= incidents.legs(unit.connection, [number])
    return unit.legs.get((number, str(kind))) or _new_leg(unit, number, kind)


def _enrol(unit: UnitOfWork, entry: PendingDecision, effect: e.Enrol) -> None:
    number, person = _number(entry, effect.incident), _person(entry, effect.person)
    unit.put(
        "participation",
        {
            "id": unit.key("participation"),
            "incident": number,
            "leg": _leg(unit, number, effect.leg),
            "person": person.id,
            "role": effect.role,
            "level": person.level,
            "since": unit.now,
        },
    )


def _withdraw(unit: UnitOfWork, entry: PendingDecision, effect: e.Withdraw) -> None:
    incidents.leave(unit.connection, _number(entry, effect.incident), effect.person.id, unit.now)


def _log(unit: UnitOfWork, entry: PendingDecision, effect: e.Log) -> None:
    number = _number(entry, effect.incident)
    place = _next_update(unit, entry, number)
    entry.numbers.append(place)
    after = _summarised(unit, entry, number, effect.change, place)
    key = unit.key("update")
    mail = entry.arrival.mail if entry.arrival else None
    unit.put(
        "update",
        {
            "id": key,
            "incident": number,
            "number": place,
            "leg": str(effect.leg),
            "event": str(effect.event),
            "direction": str(effect.direction),
            "author": _person(entry, effect.author).id if effect.author else None,
            "actor": effect.actor,
            "proof": effect.proof,
            "received": unit.now if mail is None or entry.arrival is None else entry.arrival.envelope.received,
            "occurred": mail.date if mail else None,
            "change": {name: list(pair) for name, pair in effect.change.items()},
            "status": after["status"],
            "owner": after["owner"],
            "message_id": storable(mail.message_id) if mail else "",
            "subject": storable(mail.subject) if mail else "",
            "rule": str(entry.decision.rule),
            "reason": storable(entry.decision.reason),
            "inbox": entry.arrival.id if entry.arrival else None,
        },
    )
    unit.put("update_text", {"update": key, **{part: storable(getattr(effect, part)) for part in TEXT_PARTS}})
    for at, file in enumerate(effect.attachments, 1):
        unit.blobs.setdefault(file.sha256, _blob(entry, file.sha256, file.size, file.content))
        unit.put(
            "attachment",
            {
                "update": key,
                "place": at,
                "name": storable(file.name),
                "type": file.type,
                "size": file.size,
                "sha256": file.sha256,
                "inline": file.inline,
            },
        )


def _blob(entry: PendingDecision, sha256: str, size: int, content: bytes) -> blobs.BlobRow:
    prepared = entry.arrival.files if entry.arrival else {}
    return prepared.get(sha256) or blobs.BlobRow(sha256, size, content)


def _next_update(unit: UnitOfWork, entry: PendingDecision, number: int) -> int:
    if number in unit.fresh:
        unit.fresh[number]["updates"] += 1
        return int(unit.fresh[number]["updates"])
    changed = unit.summary.setdefault(number, {})
    changed["updates"] = changed.get("updates", _case(entry, number).incident.updates) + 1
    return int(changed["updates"])


def _case(entry: PendingDecision, number: int) -> Case:
    return entry.facts.cases[number]


def _summarised(
    unit: UnitOfWork, entry: PendingDecision, number: int, change: Mapping[str, tuple[Any, Any]], place: int
) -> dict[str, Any]:
    """Brings a change into the summary row; returns status and owner after it."""
    unit.touched.add(number)
    row = unit.fresh.get(number)
    if row is None:
        row = unit.summary[number]
        incident = _case(entry, number).incident
        for name, (_old, new) in change.items():
            row[name] = _typed(name, new)
        row |= {"updated": unit.now, "updates": place}
        if incident.owner in unit.desk.policy.engineers or "owner" in row or "status" in row:
            _keep_load(unit, incident.owner, incident.status is not Status.CLOSED, row)
        return {"status": row.get("status", str(incident.status)), "owner": row.get("owner", incident.owner)}
    return row


def _typed(name: str, value: Any) -> Any:
    column = t.incident.c[name]
    return datetime.fromisoformat(value) if isinstance(column.type, t.Moment) and isinstance(value, str) else value


def _keep_load(unit: UnitOfWork, owner: str, was_open: bool, row: Mapping[str, Any]) -> None:
    load = unit.desk.memory.load
    if load is None:
        return
    after, is_open = row.get("owner", owner), row.get("status", "") != Status.CLOSED
    if (after, is_open) != (owner, was_open):
        load[owner] = load.get(owner, 0) - was_open
        load[after] = load.get(after, 0) + is_open


def _promise(unit: UnitOfWork, entry: PendingDecision, effect: e.Promise) -> None:
    unit.put(
        "term",
        {
            "id": unit.key("term"),
            "incident": _number(entry, effect.incident),
            "target": effect.target,
            "seconds": effect.seconds,
            "calendar": effect.calendar,
            "warn_at": list(effect.warn_at),
            "cycle": effect.cycle,
            "started": effect.started,
            "state": "running",
        },
    )


def _retract(unit: UnitOfWork, entry: PendingDecision, effect: e.Retract) -> None:
    unit.retracted.add(_number(entry, effect.incident))


def _tell(unit: UnitOfWork, entry: PendingDecision, effect: e.Tell) -> None:
    number = None if effect.incident is None else _number(entry, effect.incident)
    unit.wanted.append(
        Wanted(
            person=_person(entry, effect.person),
            purpose=effect.purpose,
            incident=number,
            updates=tuple(entry.numbers[at] for at in effect.logs),
            detail=effect.detail,
            cause=effect.once or entry.cause,
            expires=effect.expires,
            number=entry.held if effect.purpose == NoticePurpose.HELD else 0,
        )
    )


def _returned(unit: UnitOfWork, _entry: PendingDecision, effect: e.Returned) -> None:
    directory_lookup.count_bounce(unit.connection, effect.person.id, effect.person.address, unit.now)


def _warned(unit: UnitOfWork, entry: PendingDecision, effect: e.Warned) -> None:
    unit.said.append(
        {
            "incident": _number(entry, effect.incident),
            "target": effect.target,
            "threshold": effect.threshold,
            "cycle": effect.cycle,
            "said": unit.now,
        }
    )


WRITE: dict[type, Callable[[UnitOfWork, PendingDecision, Any], None]] = {
    e.Meet: _meet,
    e.Know: _know,
    e.Open: _open,
    e.Log: _log,
    e.Enrol: _enrol,
    e.Withdraw: _withdraw,
    e.Promise: _promise,
    e.Retract: _retract,
    e.Tell: _tell,
    e.Hold: held_mail.hold,
    e.Ask: held_mail.ask,
    e.Confirmed: held_mail.confirmed,
    e.Settle: held_mail.settle,
    e.Void: held_mail.void,
    e.Returned: _returned,
    e.Warned: _warned,
}


# --- what every mail leaves behind


def _remember_ids(unit: UnitOfWork, entry: PendingDecision) -> None:
    """Ids by which later mails find the incident: the mail's own, and the foreign ones it names."""
    number = _number(entry, entry.decision.incident)
    if not number or not entry.numbers or entry.arrival is None:
        return
    mail = entry.arrival.mail
    logs = [x for x in entry.decision.effects if type(x) is e.Log]
    author = None
    for log in logs:
        if author is None and log.author and mail.identity in log.author.addresses:
            author = log.author  # not for whom it was passed on
    leg = str(logs[0].leg) if logs else str(LegKind.PUBLIC)
    person = _person(entry, author).id if author else 0
    at = entry.arrival.envelope.received
    if mail.message_id:
        unit.known.append(_known(mail.message_id, number, person, "foreign", leg, at))
    foreign: Iterable[str] = entry.arrival.foreign
    unit.known += [_known(one, number, 0, "named", leg, at) for one in foreign]


def _known(message_id: str, number: int, person: int, origin: str, leg: str, at: datetime) -> dict[str, Any]:
    return {
        "message_id": storable(message_id),
        "incident": number,
        "person": person,
        "origin": origin,
        "leg": leg,
        "at": at,
    }


def _end(unit: UnitOfWork, entry: PendingDecision, arrival: Arrival) -> None:
    decision, mail = entry.decision, arrival.mail
    unit.ended.append(
        inbox.Ended(
            id=arrival.id,
            ending=str(decision.ending),
            rule=str(decision.rule),
            reason=decision.reason,
            ended=unit.now,
            incident=_number(entry, decision.incident) or None,
            author=mail.identity or (mail.sender.address if mail.sender else ""),
            subject=mail.subject,
            message_id=mail.message_id,
            policy=unit.desk.policy.digest,
        )
    )
