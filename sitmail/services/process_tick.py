"""What happens at a tick, in one transaction: due incidents are decided and applied, due notices become letters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain import departures, time_rules
from sitmail.domain.facts import Facts, Route
from sitmail.domain.outgoing import Outgoing
from sitmail.domain.record import record
from sitmail.domain.sla_outlook import Outlook
from sitmail.services import (
    contract_watch,
    feedback,
    follow_ups,
    handing_over,
    held_reminders,
    mornings,
    noted_feedback,
    prepaid,
    questions,
    recalling,
)
from sitmail.services.apply import write
from sitmail.services.calendar_invites import untold_events
from sitmail.services.cases import cases as read_cases
from sitmail.services.desk import Desk, load, staff
from sitmail.services.figures import scheduled
from sitmail.services.notifications import next_due, send_due, tell
from sitmail.services.presence import presence
from sitmail.services.sla_clocks import outlooks, refresh
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import directory_lookup, ids, incidents, open_incidents, report_runs, sla_terms


@record
class Tick:
    """`only`: the incidents that are looked at; None: those that are due."""

    desk: Desk
    now: datetime
    only: tuple[int, ...] | None = None


@record
class Ticked:
    """Letters that may leave, how many incidents were examined, and the next moment when anything is due, if ever."""

    letters: tuple[Outgoing, ...]
    looked_at: int
    next: datetime | None
    again: bool = False  # mails that were kept for later are to be processed again
    reports: bool = False  # a report waits to be made


def tick(connection: Connection, items: list[Tick]) -> list[Ticked]:
    """A job of the writer."""
    desk, now = items[-1].desk, max(item.now for item in items)
    desk.memory.trust_until_rollback(ids.of(connection).rollbacks)
    letters = _hand_over(connection, desk, now) + handing_over.due(connection, desk, now)
    letters += _ask(connection, desk, now) + held_reminders.due(connection, desk, now)
    due = sla_terms.due(connection, now) if items[-1].only is None else list(items[-1].only)
    warned, again = _warn(connection, desk, due, now) if due else ([], False)
    waited, delayed = recalling.ready(connection, now)
    again |= waited
    letters += warned
    about_contracts, contracts_at = contract_watch.due(connection, desk, now)
    letters += tell(connection, desk, about_contracts, now)
    letters += tell(connection, desk, scheduled.due(connection, desk, now), now)
    letters += mornings.due(connection, desk, now)
    letters += feedback.due(connection, desk, now)
    letters += send_due(connection, desk, now)
    if _left(connection, desk):
        return [Ticked(tuple(letters), len(due), now, again) for _ in items]  # there is more of what somebody left
    later = (
        sla_terms.next_deadline(connection),
        next_due(connection),
        questions.next_turn(connection, now),
        handing_over.next_due(connection, desk, now),
        held_reminders.next_due(connection),
        contracts_at,
        mornings.next_due(desk),
        delayed,
        feedback.next_due(connection, desk),
        scheduled.next_due(desk),
    )
    moments = [moment for moment in later if moment is not None]
    reports = report_runs.due(connection, now) is not None
    done = Ticked(tuple(letters), len(due), min(moments, default=None), again, reports)
    return [done, *(Ticked((), 0, done.next) for _ in items[1:])]


def due_now(connection: Connection, items: list[datetime]) -> list[list[int]]:
    """A job of the writer: the incidents that are due at each moment."""
    return [sla_terms.due(connection, now) for now in items]


def put_off(connection: Connection, items: list[tuple[int, datetime]]) -> list[None]:
    """A job of the writer: incidents at which nobody could look are due again at these moments."""
    incidents.summarise(connection, {number: {"next_deadline": at} for number, at in items})
    return [None for _ in items]


def _ask(connection: Connection, desk: Desk, now: datetime) -> list[Outgoing]:
    """Mails whose authors are asked next."""
    unit = UnitOfWork(connection, desk, now)
    questions.expired(unit, now)
    unit.flush()
    return tell(connection, desk, unit.tells, now)


def _left(connection: Connection, desk: Desk) -> set[str]:
    """Owners whom the configuration names no more; nobody ("") owns what waits in a queue, and has not left."""
    engineers = desk.policy.engineers.keys()
    known = desk.memory.load
    return {one for one in (open_incidents.owners(connection) if known is None else known) if one} - engineers


def _hand_over(connection: Connection, desk: Desk, now: datetime) -> list[Outgoing]:
    """What engineers own whom the configuration names no more; each reload and start looks once."""
    left = _left(connection, desk)
    if not left:
        return []
    numbers = open_incidents.owned_by(connection, left)
    cases = read_cases(connection, desk, numbers)
    about = directory_lookup.substitutes(connection, left)
    people, owned = dict(staff(connection, desk)), dict(load(connection, desk))
    here = presence(connection, desk, now)
    unit = UnitOfWork(connection, desk, now)
    for number in numbers:
        case = cases[number]
        name, substitute = about.get(case.incident.owner, (case.incident.owner, ""))
        facts = Facts(Route("mailbox", desk.policy.desk), cases=cases, staff=people, load=owned, presence=here)
        decision = departures.decide(case, name, substitute, facts, desk.policy, now)
        write(unit, PendingDecision(decision, facts, f"left:{number}"))
    unit.flush()
    desk.memory.load = None
    refresh(connection, desk.policy, numbers, now)
    return tell(connection, desk, unit.tells, now)


def _warn(connection: Connection, desk: Desk, due: list[int], now: datetime) -> tuple[list[Outgoing], bool]:
    """The letters, and whether mails wait in the inbox again."""
    cases = read_cases(connection, desk, due)
    looks = outlooks(connection, desk.policy, due, now)
    facts = Facts(
        Route("mailbox", desk.policy.desk),
        cases=cases,
        staff=dict(staff(connection, desk)),
        presence=presence(connection, desk, now),
    )
    unit = UnitOfWork(connection, desk, now)
    quiet = {}
    for number, case in cases.items():
        decision = time_rules.decide(case, looks.get(number, Outlook()), facts, desk.policy, now)
        write(unit, PendingDecision(decision, facts, f"tick:{number}"))
        if not decision.effects:
            quiet[number] = case
    follow_ups.follow_up(connection, desk, unit, quiet, facts)  # of the others at the next tick, which comes at once
    prepaid.settle(unit)
    noted_feedback.wait_for(unit)
    unit.flush()
    refresh(connection, desk.policy, due, now)
    letters = tell(connection, desk, unit.tells, now)
    return letters + tell(connection, desk, untold_events(connection, desk, due, now), now), unit.departs
