"""Turns effects into rows: one small function for each effect, and the rows that every mail gets.

Nothing is decided here, and no letter is written: `notifications` makes letters of what is to be told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sitmail.domain import directory_effects, link_effects, question_effects, recall_values, storm_effects, undoing
from sitmail.domain import effects as e
from sitmail.domain.incident import Status
from sitmail.domain.mail import Mail
from sitmail.domain.notice_purposes import PURPOSES
from sitmail.domain.people import Person
from sitmail.domain.record import changed
from sitmail.domain.trust import HELD
from sitmail.domain.update import Direction, Event, LegKind, Origin
from sitmail.reading.formats.written_page import cut_again
from sitmail.services import (
    articles,
    blocking,
    deeds,
    directory_edits,
    drawn_pools,
    every_incident,
    held_mail,
    links,
    noted_feedback,
    partner_legs,
    presence,
    proposals,
    questions,
    recalling,
    storms,
    terms,
    waiting_answers,
    watching,
)
from sitmail.services.answered_mail import reply_fields
from sitmail.services.attached_files import attach, attach_again
from sitmail.services.ended_mail import note_ending
from sitmail.services.figures import runs
from sitmail.services.ids_of_mail import remember_ids
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.services.waits import look_again, with_wait
from sitmail.store import directory_lookup, incidents
from sitmail.store.rows import stored
from sitmail.store.text import storable
from sitmail.store.updates_log import TEXT_PARTS


def write(unit: UnitOfWork, entry: PendingDecision) -> None:
    """Turns the effects of one decision into rows, and records the ending of its mail."""
    told = len(unit.tells)
    for effect in entry.decision.effects:
        WRITE[type(effect)](unit, entry, effect)
    every_incident.tell_others(unit, entry, unit.tells[told:])
    if entry.arrival is not None:
        remember_ids(unit, entry)
        note_ending(unit, entry, entry.arrival)


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
        person = replace(person, known=True)
    entry.met[effect.address] = person


def _know(unit: UnitOfWork, _entry: PendingDecision, effect: e.Know) -> None:
    if effect.person.id:
        directory_lookup.make_known(unit.connection, [effect.person.id])


def _open(unit: UnitOfWork, entry: PendingDecision, effect: e.Open) -> None:
    number = entry.opened
    contact = _person(entry, effect.contact).id if effect.contact else None
    written = {name: storable(getattr(effect.incident, name)) for name in ("title", "monitor_key")}  # by its sender
    unit.opened[number] = changed(effect.incident, {"number": number, "contact": contact, **written})
    for kind in (LegKind.PUBLIC, LegKind.INTERNAL):
        _new_leg(unit, number, kind)


def _new_leg(unit: UnitOfWork, number: int, kind: LegKind) -> int:
    key, name = unit.key("leg"), str(kind)
    unit.put("leg", {**partner_legs.NO_PARTNER, "id": key, "incident": number, "kind": name})
    unit.legs[(number, name)] = key
    return key


def _leg(unit: UnitOfWork, number: int, kind: LegKind, partner: Person | None = None) -> int:
    if kind is LegKind.VENDOR and partner is not None:
        return partner_legs.leg_of(unit, number, partner)
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
            "leg": _leg(unit, number, effect.leg, person),
            "person": person.id,
            "role": effect.role,
            "level": person.level,
            "since": unit.now,
        },
    )
    if effect.reference:
        partner_legs.refer(unit, entry, e.Refer(number, person, effect.reference))


def _withdraw(unit: UnitOfWork, entry: PendingDecision, effect: e.Withdraw) -> None:
    incidents.leave(unit.connection, _number(entry, effect.incident), effect.person.id, unit.now)


def _put_right(unit: UnitOfWork, entry: PendingDecision, effect: e.PutRight) -> None:
    for person, role in ((effect.former, "participant"), (effect.person, "contact")):
        if person is not None:
            if person.id:
                incidents.leave(unit.connection, effect.incident, person.id, unit.now)
            _enrol(unit, entry, e.Enrol(effect.incident, person, role))
    unit.summary.setdefault(effect.incident, {})["contact"] = _person(entry, effect.person).id


def _log(unit: UnitOfWork, entry: PendingDecision, effect: e.Log) -> None:
    number = _number(entry, effect.incident)
    place = _next_update(unit, entry, number)
    entry.updates.append(place)
    unit.logged.add(number)
    change = with_wait(unit, entry, number, effect)
    after = _summarise(unit, entry, number, change)
    key, origin = unit.key("update"), effect.origin or _origin(unit, entry, effect)
    unit.put(
        "update",
        {
            "id": key,
            "incident": number,
            "number": place,
            "leg": str(effect.leg),
            "leg_id": _leg(unit, number, effect.leg, _person(entry, effect.partner)) if effect.partner else None,
            "event": str(effect.event),
            "direction": str(effect.direction),
            "author": _person(entry, effect.author).id if effect.author else None,
            "actor": effect.actor,
            "proof": effect.proof,
            "received": origin.received,
            "occurred": origin.occurred,
            "change": {name: [stored(value) for value in pair] for name, pair in change.items()},
            **after,
            "message_id": origin.message_id,
            "subject": origin.subject,
            "rule": str(entry.decision.rule),
            "reason": storable(entry.decision.reason),
            "inbox": origin.inbox,
            "duration": effect.duration,
            "met": " ".join(effect.met),
        },
    )
    texts = {part: storable(getattr(effect, part)) for part in TEXT_PARTS}
    if entry.drafted and effect.event is Event.LINKED:
        texts["text"] = articles.completed(entry, texts["text"], effect.incident)
    if entry.opened and effect.event is Event.LINKED:  # its number was not known when that was written
        to_be = unit.desk.policy.reference(0)
        texts["text"] = texts["text"].replace(to_be, unit.desk.policy.reference(entry.opened))
    unit.put("update_text", {"update": key, **texts, "page": origin.page})
    put = attach_again if effect.origin else attach
    for at, file in enumerate(effect.attachments, 1):
        put(unit, entry, key, at, file)


def _origin(unit: UnitOfWork, entry: PendingDecision, effect: e.Log) -> Origin:
    """The mail that is decided about; a tick has none."""
    arrival = entry.arrival
    if arrival is None:
        return Origin(unit.now, None, "", "", None)
    mail = arrival.mail
    return Origin(
        received=arrival.envelope.received,
        occurred=mail.date,
        message_id=storable(mail.message_id),
        subject=storable(mail.subject),
        inbox=arrival.id,
        page=storable(_page(mail, effect)),
    )


def _page(mail: Mail, effect: e.Log) -> str:
    """The words of the entry as their author set them out, where they are one run of what he newly wrote."""
    if not mail.page or not effect.text or effect.event in (Event.REFUSED, Event.RECALLED):
        return ""
    return mail.page if effect.text == mail.new_text else cut_again(mail.page, effect.text)


def _next_update(unit: UnitOfWork, entry: PendingDecision, number: int) -> int:
    """The number of the incident's next update: people quote it as 1234#7 (S3-06)."""
    last = unit.last_update.get(number)
    if last is None:
        last = 0 if number in unit.opened else entry.facts.cases[number].incident.updates
    unit.last_update[number] = last + 1
    return last + 1


def _summarise(
    unit: UnitOfWork, entry: PendingDecision, number: int, change: Mapping[str, tuple[Any, Any]]
) -> dict[str, Any]:
    """Brings a change into the columns of an incident that was there before; what the log keeps of it afterwards."""
    opened = unit.opened.get(number)
    if opened is not None:
        return {"status": str(opened.status), "owner": opened.owner, "customer_hold": False}
    incident = entry.facts.cases[number].incident
    row = unit.summary.setdefault(number, {})
    before = row.get("owner", incident.owner), row.get("status", str(incident.status))
    row |= {name: incidents.column_value(name, new) for name, (_old, new) in change.items()}
    row |= {"updated": unit.now, "updates": unit.last_update[number]}
    after = row.get("owner", incident.owner), row.get("status", str(incident.status))
    if after != before:
        _count_load(unit, before, after)
    if "status" in change and unit.desk.memory.solved is not None and Status.CLOSED in (before[1], after[1]):
        unit.desk.memory.solved.changed.add(number)
    if after[1] == Status.CLOSED and (before[1] != Status.CLOSED or "cycle" in change):  # or opened and closed again
        unit.closed[number] = entry
    return {"status": after[1], "owner": after[0], "customer_hold": row.get("customer_hold", incident.customer_hold)}


def _count_load(unit: UnitOfWork, before: tuple[str, str], after: tuple[str, str]) -> None:
    """Keeps the number of open incidents of each owner, which `desk.memory` holds, in step: (owner, status)."""
    load = unit.desk.memory.load
    if load is None:
        return
    for (owner, status), by in ((before, -1), (after, 1)):
        if owner and status != Status.CLOSED:
            load[owner] = load.get(owner, 0) + by


def _decide_bill(unit: UnitOfWork, entry: PendingDecision, effect: e.DecideBill) -> None:
    unit.bills.append((entry, effect))  # `services/prepaid` settles it, as it does what is closed


def _adopt(unit: UnitOfWork, entry: PendingDecision, effect: storm_effects.Adopt) -> None:
    text, by = f"parent {unit.desk.policy.reference(entry.opened)}", entry.facts.staff.get(effect.by)
    for number in effect.children:
        links.adopt(unit, entry, number, effect.by)
        _log(unit, entry, e.Log(number, LegKind.INTERNAL, Event.LINKED, Direction.NONE, by, text=text))


def _tell(unit: UnitOfWork, entry: PendingDecision, effect: e.Tell) -> None:
    detail = {**effect.detail, **reply_fields(entry, effect.purpose, effect.person, about=effect.incident)}
    if unit.made_void and isinstance(withheld := detail.get("withheld"), list):
        detail["withheld"] = [unit.made_void.get(one, one) for one in withheld]
    held = entry.held if PURPOSES[effect.purpose].kind == HELD else 0
    told = unit.tells.append if not runs.is_run(effect) else lambda tell: runs.ask(unit, tell)
    tell = e.Tell(
        person=_person(entry, effect.person),
        purpose=effect.purpose,
        incident=None if effect.incident is None else _number(entry, effect.incident),
        updates=(*[entry.updates[at] for at in effect.updates], *effect.quotes),
        detail={**detail, "held": held} if held else detail,
        cause=effect.cause or entry.cause,
        expires=effect.expires,
        number=held,
    )
    told(articles.told(unit, entry, tell))


def _returned(unit: UnitOfWork, _entry: PendingDecision, effect: e.Returned) -> None:
    directory_lookup.count_bounce(unit.connection, effect.person.id, effect.person.address, unit.now)


def _warned(unit: UnitOfWork, entry: PendingDecision, effect: e.Warned) -> None:
    told = {name: getattr(effect, name) for name in ("target", "threshold", "cycle")}
    unit.warned.append(told | {"incident": _number(entry, effect.incident), "said": unit.now})


WRITE: dict[type, Callable[[UnitOfWork, PendingDecision, Any], None]] = {
    e.Meet: _meet,
    e.Know: _know,
    e.Open: _open,
    e.Log: _log,
    e.Enrol: _enrol,
    e.Refer: partner_legs.refer,
    e.Withdraw: _withdraw,
    e.PutRight: _put_right,
    e.Promise: terms.promise,
    e.Draw: drawn_pools.draw,
    e.DecideBill: _decide_bill,
    e.Retract: terms.retract,
    e.Tell: _tell,
    e.Hold: held_mail.hold,
    question_effects.Ask: questions.ask,
    question_effects.Answered: questions.answered,
    question_effects.AskAgain: questions.ask_again,
    question_effects.AskNext: questions.ask_next,
    e.Settle: held_mail.settle,
    e.Resend: held_mail.resend,
    e.Depart: waiting_answers.depart,
    e.Void: held_mail.void,
    e.Block: blocking.block,
    e.Remember: blocking.remember,
    directory_effects.ChangeDirectory: directory_edits.change,
    directory_effects.NameContact: directory_edits.name_contact,
    directory_effects.MergeContacts: directory_edits.merge_contacts,
    directory_effects.Propose: proposals.propose,
    link_effects.AddLink: links.add,
    link_effects.EndLink: links.end,
    link_effects.BugFixed: links.fixed,
    undoing.KeepDeed: deeds.keep,
    undoing.Undone: deeds.undone,
    undoing.RenewLink: deeds.renew_link,
    recall_values.Delay: recalling.delay,
    recall_values.Recall: recalling.recall,
    **presence.WRITE,
    **noted_feedback.WRITE,
    **articles.WRITE,
    e.Returned: _returned,
    e.Warned: _warned,
    e.LookAgain: look_again,
    **watching.APPLIED,
    storm_effects.DecideStorm: storms.decide,
    storm_effects.AskLead: storms.ask_lead,
    storm_effects.Adopt: _adopt,
}
