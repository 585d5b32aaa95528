"""Held mail that nobody decides about: those on duty get the letter about it again, a few times.

The first time after `held_reminder` of the desk's working time, then after twice and four times as long.  Each reminder
is worth a day: one that could not leave in time is not sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, text, update

from sitmail.domain import effects as e
from sitmail.domain.decision_builder import concerned, on_call
from sitmail.domain.facts import Facts, Route
from sitmail.domain.held_decisions import next_reminder
from sitmail.domain.incident import Incident, Status
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.outgoing import Outgoing
from sitmail.domain.people import Person
from sitmail.services import routing
from sitmail.services.cases import cases as read_cases
from sitmail.services.desk import Desk, staff
from sitmail.services.notifications import tell
from sitmail.services.presence import presence
from sitmail.store.schema import held, inbox, notice

WORTH = timedelta(days=1)
# Written out, not compared: only so do both databases see that their partial index serves.
_WAITING = text("held.remind_at IS NOT NULL")


def next_due(connection: Connection) -> datetime | None:
    query = select(func.min(held.c.remind_at, type_=held.c.remind_at.type)).where(_WAITING)
    found: datetime | None = connection.execute(query).scalar()
    return found


def due(connection: Connection, desk: Desk, now: datetime) -> list[Outgoing]:
    """The reminders whose time has come."""
    columns = (held.c.id, held.c.inbox, held.c.incident, held.c.since, held.c.reminders, inbox.c.recipient)
    query = select(*columns).join_from(held, inbox, held.c.inbox == inbox.c.id)
    query = query.where(_WAITING, held.c.remind_at <= now).order_by(held.c.remind_at).limit(100)
    rows = connection.execute(query).all()
    if not rows:
        return []
    cases = read_cases(connection, desk, {row.incident for row in rows if row.incident})
    here = presence(connection, desk, now)
    facts = Facts(Route("mailbox", desk.policy.desk), cases=cases, staff=dict(staff(connection, desk)), presence=here)
    tells = []
    for row in rows:
        told = _told(connection, row.inbox, row.id)
        later = next_reminder(desk.policy, now, row.reminders + 1)
        again = update(held).where(held.c.id == row.id).values(reminders=row.reminders + 1, remind_at=later)
        connection.execute(again)
        for reader in _readers(desk, facts, row.incident, row.recipient, now) if told else ():
            tells.append(
                e.Tell(
                    reader,
                    NoticePurpose.HELD,
                    row.incident,
                    detail={**told, "due": row.since.isoformat()},
                    cause=f"reminder:{row.id}:{row.reminders + 1}",
                    expires=now + WORTH,
                    number=row.id,
                )
            )
    return tell(connection, desk, tells, now)


def _told(connection: Connection, mail: int, number: int) -> Mapping[str, Any]:
    """What the first letter about it showed; nothing, if nobody got one."""
    key = notice.c.key
    # a range, not LIKE: only so does the index of keys serve
    query = select(notice.c.detail).where(key > f"mail:{mail}:", key < f"mail:{mail};")
    query = query.where(notice.c.purpose == str(NoticePurpose.HELD), notice.c.number == number).limit(1)
    return connection.execute(query).scalar() or {}


def _readers(desk: Desk, facts: Facts, number: int | None, recipient: str, now: datetime) -> list[Person]:
    """Who is on duty now: for the incident it belongs to, else for the mailbox it came to."""
    policy, case = desk.policy, facts.cases.get(number or 0)
    if case is not None:
        return concerned(case.incident, case, facts, policy)
    route = routing.find(policy, recipient)
    team = (route.mailbox if route else policy.desk).team or policy.team
    return on_call(Incident(0, policy.desk.address, "", Status.NEW, "", now, now, team=team), facts, policy)
