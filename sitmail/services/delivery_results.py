"""What the courier reports: letters that left are marked; one that never will is told to the incident's owner.

A letter about a failed letter that fails itself only turns `sitmail status` red: that is where this stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from sitmail.domain.effects import Decision, Effect, Log, Tell
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.facts import Facts, Route
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.outgoing import Outcome, Outgoing
from sitmail.domain.record import record
from sitmail.domain.staff_readers import told_inside
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening
from sitmail.services.apply import write
from sitmail.services.cases import cases as read_cases
from sitmail.services.desk import Desk, staff
from sitmail.services.notifications import tell
from sitmail.services.presence import presence
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import calendar_events, outbox
from sitmail.store.schema import outbox as letters

QUIET = frozenset(
    {
        NoticePurpose.DELIVERY_FAILED,
        NoticePurpose.QUARANTINED,
        NoticePurpose.TROUBLE,
        NoticePurpose.SLA_WARNING,
        NoticePurpose.SLA_LATE,
        NoticePurpose.LEVEL_REACHED,
        NoticePurpose.ESCALATED,
        NoticePurpose.DIGEST,
        NoticePurpose.CALENDAR,
        NoticePurpose.MORNING,
        NoticePurpose.EVERY_INCIDENT,
    }
)
COURIER = "the courier"


@record
class Report:
    desk: Desk
    outcome: Outcome
    now: datetime


def report(connection: Connection, reports: list[Report]) -> list[tuple[Outgoing, ...]]:
    """A job of the writer.  Returns the letters that tell of failures, with the first report."""
    outbox.mark(connection, [one.outcome for one in reports])
    lost = [one for one in reports if one.outcome.state == "failed"]
    told = _tell_of(connection, lost[-1].desk, lost, lost[-1].now) if lost else []
    return [tuple(told) if at == 0 else () for at in range(len(reports))]


def _tell_of(connection: Connection, desk: Desk, lost: Sequence[Report], now: datetime) -> list[Outgoing]:
    errors = {one.outcome.id: one.outcome.error for one in lost}
    columns = (letters.c.id, letters.c.incident, letters.c.person, letters.c.purpose, letters.c.recipient)
    rows = connection.execute(select(*columns, letters.c.invite).where(letters.c.id.in_(errors))).all()
    calendar_events.not_told(connection, [(row.incident, row.person) for row in rows if row.invite])
    cases = read_cases(connection, desk, {row.incident for row in rows if row.incident})
    people, here = dict(staff(connection, desk)), presence(connection, desk, now)
    facts = Facts(Route("mailbox", desk.policy.desk), cases=cases, staff=people, presence=here)
    unit = UnitOfWork(connection, desk, now)
    for row in rows:
        case = cases.get(row.incident or 0)
        if case is None:
            continue
        effects: list[Effect] = [
            Log(
                case.incident.number,
                LegKind.INTERNAL,
                Event.DELIVERY_FAILED,
                Direction.NONE,
                actor=COURIER,
                text=f"{row.recipient}: {errors[row.id]}",
            )
        ]
        if row.purpose not in QUIET:
            readers = told_inside(Happening.NOT_DELIVERED, case.incident, case, facts, desk.policy)
            for person, purpose in readers:
                if row.recipient not in person.addresses:
                    effects.append(
                        Tell(
                            person,
                            purpose,
                            case.incident.number,
                            (0,),
                            {"address": row.recipient},
                        )
                    )
        decision = Decision(Rule.DELIVERY_FAILED, Ending.APPLIED, errors[row.id], tuple(effects), case.incident.number)
        write(unit, PendingDecision(decision, facts, f"letter:{row.id}"))
    unit.flush()
    return tell(connection, desk, unit.tells, now)
