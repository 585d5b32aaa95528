"""Answers that waited for their time (`domain/engineer/waiting_answer`): their mails are processed again, once."""

from __future__ import annotations

from sqlalchemy import select, update

from sitmail.domain.effects import Depart
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.update import Event
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import schema as t

DECISION = "later"  # and the number of the incident, in the row by which `process_mail.releases` finds it


def depart(unit: UnitOfWork, _entry: PendingDecision, effect: Depart) -> None:
    """The mail of the last answer that was kept waits in the inbox again."""
    of_it = (t.update.c.incident == effect.incident, t.update.c.event == str(Event.LATER))
    newest = select(t.update.c.inbox).where(*of_it).order_by(t.update.c.number.desc()).limit(1)
    mail = unit.connection.execute(newest).scalar()
    mine = (t.inbox.c.id == mail, t.inbox.c.ending == str(Ending.APPLIED))
    again = update(t.inbox).where(*mine).values(ending=str(Ending.WAITING), attempts=0, not_before=None)
    if mail is None or unit.connection.execute(again).rowcount != 1:
        return
    decided = {"decision": f"{DECISION} {effect.incident}", "decided_by": "the clock", "decided": unit.now}
    row = {"id": unit.key("held"), "inbox": mail, "reason": str(Rule.STAFF_LATER), "since": unit.now}
    unit.connection.execute(t.held.insert().values(**row, **decided))
    unit.departs = True
