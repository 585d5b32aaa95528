"""The ids by which later mails find the incident of a mail: its own, foreign ones and former numbers that it names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sitmail.domain import effects as e
from sitmail.domain.sent_again import sameness
from sitmail.domain.update import LegKind
from sitmail.services.hints import former_keys
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store.text import storable


def remember_ids(unit: UnitOfWork, entry: PendingDecision) -> None:
    """By what later mails find the incident: the mail's own id, foreign ids and former numbers that it names."""
    number = entry.decision.incident or entry.opened
    if not number or not entry.updates or entry.arrival is None:
        return
    mail = entry.arrival.mail
    logs = [x for x in entry.decision.effects if type(x) is e.Log]
    author = None
    for log in logs:
        if author is None and log.author and mail.identity in log.author.addresses:
            author = log.author  # not the customer for whom an engineer passed it on
    leg = str(logs[0].leg) if logs else str(LegKind.PUBLIC)
    person = (author if author.id else entry.met[author.key]).id if author else 0
    at = entry.arrival.envelope.received
    if mail.message_id:
        covers = entry.updates[-1]
        unit.message_ids.append(_known_id(mail.message_id, number, person, "foreign", leg, at, covers))
    if entry.opened and mail.identity and not mail.machine:
        unit.message_ids.append(_known_id(sameness(mail), number, 0, "named", leg, at))
    named: Iterable[str] = (*entry.arrival.foreign, *former_keys(unit.desk.policy, mail))
    unit.message_ids += [_known_id(one, number, 0, "named", leg, at) for one in named]


def _known_id(
    message_id: str, number: int, person: int, origin: str, leg: str, at: datetime, covers: int | None = None
) -> dict[str, Any]:
    return {
        "message_id": storable(message_id),
        "incident": number,
        "person": person,
        "origin": origin,
        "leg": leg,
        "at": at,
        "covers": covers,
    }
