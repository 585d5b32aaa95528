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
from sitmail.domain.people import Person
from sitmail.domain.update import LegKind
from sitmail.services import holding
from sitmail.services.ledger import Entry, Ledger, Wanted
from sitmail.services.looking import Arrival
from sitmail.store import blobs, directory, inbox, incidents
from sitmail.store import schema as t
from sitmail.store.text import storable


def enter(ledger: Ledger, entry: Entry) -> None:
    """Turns one decision into rows."""
    for effect in entry.decision.effects:
        WRITE[type(effect)](ledger, entry, effect)
    if entry.arrival is not None:
        _remember_ids(ledger, entry)
        _end(ledger, entry, entry.arrival)


def _number(entry: Entry, incident: int) -> int:
    return incident or entry.opened


def _person(entry: Entry, person: Person) -> Person:
    stored = person if person.id else entry.met[person.key]
    entry.people[stored.id] = stored
    return stored


# --- one small function an effect


def _meet(ledger: Ledger, entry: Entry, effect: e.Meet) -> None:
    person = directory.add_stranger(ledger.connection, ledger.ids, effect.address, effect.name)
    if effect.known:
        directory.make_known(ledger.connection, [person.id])
    entry.met[effect.address] = person


def _know(ledger: Ledger, _entry: Entry, effect: e.Know) -> None:
    if effect.person.id:
        directory.make_known(ledger.connection, [effect.person.id])


def _open(ledger: Ledger, entry: Entry, effect: e.Open) -> None:
    number = entry.opened
    ledger.fresh[number] = {  # what is not named here is as the schema and `Incident` say, which agree
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
        "opened": ledger.now,
        "updated": ledger.now,
        "cycle_opened": ledger.now,
        "updates": 0,
        "monitor_key": effect.monitor_key,
        "fields": {},
    }
    for kind in (LegKind.PUBLIC, LegKind.INTERNAL):
        _new_leg(ledger, number, kind)


def _new_leg(ledger: Ledger, number: int, kind: LegKind) -> int:
    key, name = ledger.key("leg"), str(kind)
    ledger.put("leg", {"id": key, "incident": number, "kind": name})
    ledger.legs[(number, name)] = key
    return key


def _leg(ledger: Ledger, number: int, kind: LegKind) -> int:
    if (number, str(kind)) not in ledger.legs:
        ledger.legs |= incidents.legs(ledger.connection, [number])
    return ledger.legs.get((number, str(kind))) or _new_leg(ledger, number, kind)


def _enrol(ledger: Ledger, entry: Entry, effect: e.Enrol) -> None:
    number, person = _number(entry, effect.incident), _person(entry, effect.person)
    ledger.put(
        "participation",
        {
            "id": ledger.key("participation"),
            "incident": number,
            "leg": _leg(ledger, number, effect.leg),
            "person": person.id,
            "role": effect.role,
            "level": person.level,
            "since": ledger.now,
        },
    )


def _withdraw(ledger: Ledger, entry: Entry, effect: e.Withdraw) -> None:
    incidents.leave(ledger.connection, _number(entry, effect.incident), effect.person.id, ledger.now)


def _log(ledger: Ledger, entry: Entry, effect: e.Log) -> None:
    number = _number(entry, effect.incident)
    place = _next_update(ledger, entry, number)
    entry.numbers.append(place)
    after = _summarised(ledger, entry, number, effect.change, place)
    key = ledger.key("update")
    mail = entry.arrival.mail if entry.arrival else None
    ledger.put(
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
            "received": ledger.now if mail is None or entry.arrival is None else entry.arrival.envelope.received,
            "occurred": mail.date if mail else None,
            "change": {name: list(pair) for name, pair in effect.change.items()},
            "status": after["status"],
            "owner": after["owner"],
            "message_id": storable(mail.message_id) if mail else "",
            "subject": storable(mail.subject) if mail else "",
            "rule": entry.decision.rule,
            "reason": storable(entry.decision.reason),
            "inbox": entry.arrival.id if entry.arrival else None,
        },
    )
    ledger.put("update_text", {"update": key, "text": storable(effect.text), "quoted": storable(effect.quoted)})
    for at, file in enumerate(effect.attachments, 1):
        ledger.blobs.setdefault(file.sha256, _blob(entry, file.sha256, file.size, file.content))
        ledger.put(
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


def _blob(entry: Entry, sha256: str, size: int, content: bytes) -> blobs.BlobRow:
    prepared = entry.arrival.files if entry.arrival else {}
    return prepared.get(sha256) or blobs.BlobRow(sha256, size, content)


def _next_update(ledger: Ledger, entry: Entry, number: int) -> int:
    if number in ledger.fresh:
        ledger.fresh[number]["updates"] += 1
        return int(ledger.fresh[number]["updates"])
    changed = ledger.summary.setdefault(number, {})
    changed["updates"] = changed.get("updates", _case(entry, number).incident.updates) + 1
    return int(changed["updates"])


def _case(entry: Entry, number: int) -> Case:
    return entry.facts.cases[number]


def _summarised(
    ledger: Ledger, entry: Entry, number: int, change: Mapping[str, tuple[Any, Any]], place: int
) -> dict[str, Any]:
    """Brings a change into the summary row; returns status and owner after it."""
    ledger.touched.add(number)
    row = ledger.fresh.get(number)
    if row is None:
        row = ledger.summary[number]
        incident = _case(entry, number).incident
        for name, (_old, new) in change.items():
            row[name] = _typed(name, new)
        row |= {"updated": ledger.now, "updates": place}
        if incident.owner in ledger.desk.policy.engineers or "owner" in row or "status" in row:
            _keep_load(ledger, incident.owner, incident.status is not Status.CLOSED, row)
        return {"status": row.get("status", str(incident.status)), "owner": row.get("owner", incident.owner)}
    return row


def _typed(name: str, value: Any) -> Any:
    column = t.incident.c[name]
    return datetime.fromisoformat(value) if isinstance(column.type, t.Moment) and isinstance(value, str) else value


def _keep_load(ledger: Ledger, owner: str, was_open: bool, row: Mapping[str, Any]) -> None:
    load = ledger.desk.memory.load
    if load is None:
        return
    after, is_open = row.get("owner", owner), row.get("status", "") != Status.CLOSED
    if (after, is_open) != (owner, was_open):
        load[owner] = load.get(owner, 0) - was_open
        load[after] = load.get(after, 0) + is_open


def _promise(ledger: Ledger, entry: Entry, effect: e.Promise) -> None:
    ledger.put(
        "term",
        {
            "id": ledger.key("term"),
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


def _retract(ledger: Ledger, entry: Entry, effect: e.Retract) -> None:
    ledger.retracted.add(_number(entry, effect.incident))


def _tell(ledger: Ledger, entry: Entry, effect: e.Tell) -> None:
    number = None if effect.incident is None else _number(entry, effect.incident)
    ledger.wanted.append(
        Wanted(
            person=_person(entry, effect.person),
            purpose=effect.purpose,
            incident=number,
            updates=tuple(entry.numbers[at] for at in effect.logs),
            detail=effect.detail,
            cause=effect.once or entry.cause,
            expires=effect.expires,
            number=entry.held if effect.purpose == "held" else 0,
        )
    )


def _returned(ledger: Ledger, _entry: Entry, effect: e.Returned) -> None:
    directory.count_bounce(ledger.connection, effect.person.id, effect.person.address, ledger.now)


def _warned(ledger: Ledger, entry: Entry, effect: e.Warned) -> None:
    ledger.said.append(
        {
            "incident": _number(entry, effect.incident),
            "target": effect.target,
            "threshold": effect.threshold,
            "cycle": effect.cycle,
            "said": ledger.now,
        }
    )


WRITE: dict[type, Callable[[Ledger, Entry, Any], None]] = {
    e.Meet: _meet,
    e.Know: _know,
    e.Open: _open,
    e.Log: _log,
    e.Enrol: _enrol,
    e.Withdraw: _withdraw,
    e.Promise: _promise,
    e.Retract: _retract,
    e.Tell: _tell,
    e.Hold: holding.hold,
    e.Ask: holding.ask,
    e.Confirmed: holding.confirmed,
    e.Settle: holding.settle,
    e.Void: holding.void,
    e.Returned: _returned,
    e.Warned: _warned,
}


# --- what every mail leaves behind


def _remember_ids(ledger: Ledger, entry: Entry) -> None:
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
        ledger.known.append(_known(mail.message_id, number, person, "foreign", leg, at))
    foreign: Iterable[str] = entry.arrival.foreign
    ledger.known += [_known(one, number, 0, "named", leg, at) for one in foreign]


def _known(message_id: str, number: int, person: int, origin: str, leg: str, at: datetime) -> dict[str, Any]:
    return {
        "message_id": storable(message_id),
        "incident": number,
        "person": person,
        "origin": origin,
        "leg": leg,
        "at": at,
    }


def _end(ledger: Ledger, entry: Entry, arrival: Arrival) -> None:
    decision, mail = entry.decision, arrival.mail
    ledger.ended.append(
        inbox.Ended(
            id=arrival.id,
            ending=decision.ending,
            rule=decision.rule,
            reason=decision.reason,
            ended=ledger.now,
            incident=_number(entry, decision.incident) or None,
            author=mail.identity or (mail.sender.address if mail.sender else ""),
            subject=mail.subject,
            message_id=mail.message_id,
            policy=ledger.desk.policy.digest,
        )
    )
