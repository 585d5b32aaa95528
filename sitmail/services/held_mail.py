"""Effects about mail that waits for a decision, and about tokens that lose their power; `apply` calls these.

What the author of such a mail is asked is in `questions`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from sitmail.domain import effects as e
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.held_decisions import next_reminder
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import ids, incidents
from sitmail.store import schema as t
from sitmail.store.text import storable


def hold(unit: UnitOfWork, entry: PendingDecision, effect: e.Hold) -> None:
    """The mail waits for a decision of staff, or of its author."""
    assert entry.arrival is not None
    entry.held = unit.key("held")
    unit.put(
        "held",
        {
            "id": entry.held,
            "inbox": entry.arrival.id,
            "reason": str(effect.reason),
            "text": storable(f"{effect.text}; proof: {entry.facts.proof.label}"),
            "incident": effect.incident or None,
            "person": effect.person.id if effect.person and effect.person.id else None,
            "since": unit.now,
            "attach_only": effect.attach_only,
            "approvers": list(effect.approvers),
            "question": None,
            "shared": False,
            "asked": None,
            "reminders": 0,
            "remind_at": next_reminder(unit.desk.policy, unit.now, 0) if effect.told else None,
        },
    )


def settle(unit: UnitOfWork, _entry: PendingDecision, effect: e.Settle) -> None:
    """A held mail was decided about."""
    release(unit.connection, effect.held, effect.decision, effect.by, unit.now, unit.desk.policy.digest)


def release(connection: Connection, held: int, decision: str, by: str, now: datetime, policy: str) -> bool:
    """Records a decision about a held mail, which is then processed again.  False if it was decided before."""
    if not incidents.settle(connection, held, decision, by, now):
        return False
    mail = connection.execute(select(t.held.c.inbox).where(t.held.c.id == held)).scalar_one()
    again = {"ending": str(Ending.WAITING), "attempts": 0, "not_before": None}
    connection.execute(update(t.inbox).where(t.inbox.c.id == mail).values(again))
    how, _, rest = decision.partition(" ")
    connection.execute(
        t.audit.insert().values(
            id=ids.of(connection).take(connection, "audit", 1).start,
            at=now,
            actor=by,
            action=f"held {how}",
            inbox=mail,
            incident=int(rest) if how == "attach" else None,
            policy=policy,
        )
    )
    return True


def resend(unit: UnitOfWork, _entry: PendingDecision, effect: e.Resend) -> None:
    """An answer that came back to its author is processed again, come what may; once."""
    mine = (t.inbox.c.id == effect.mail, t.inbox.c.ending == str(Ending.REFUSED))
    again = update(t.inbox).where(*mine).values(ending=str(Ending.WAITING), attempts=0, not_before=None)
    if unit.connection.execute(again).rowcount == 1:
        decided = {"decision": "send", "decided_by": effect.by, "decided": unit.now}
        row = {"id": unit.key("held"), "inbox": effect.mail, "reason": str(Rule.STAFF_CROSSED), "since": unit.now}
        unit.connection.execute(t.held.insert().values(**row, **decided))


def void(unit: UnitOfWork, _entry: PendingDecision, effect: e.Void) -> None:
    """The tokens issued to that person for that incident prove nothing from now on."""
    key = (effect.person.id, effect.incident)
    given = unit.desk.memory.generations
    number = (given or {}).get(key, 0) + 1
    if number == 1:
        unit.connection.execute(t.generation.insert().values(person=key[0], incident=key[1], number=1))
    else:
        where = (t.generation.c.person == key[0], t.generation.c.incident == key[1])
        unit.connection.execute(update(t.generation).where(*where).values(number=number))
    if given is not None:
        given[key] = number
