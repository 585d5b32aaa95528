"""Effects about mail that waits for a decision, and about tokens that lose their power; `apply` calls these."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from sitmail.domain import effects as e
from sitmail.domain.endings import Ending
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.trust import CONFIRM_WITHIN
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import incidents
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
            "text": storable(effect.text),
            "incident": effect.incident or None,
            "person": effect.person.id if effect.person and effect.person.id else None,
            "since": unit.now,
            "locked_by": "",
            "decision": "",
            "decided_by": "",
        },
    )


def ask(unit: UnitOfWork, entry: PendingDecision, effect: e.Ask) -> None:
    """Sends the question "did you write this?"; while one is open for that person, a later mail only stays held."""
    key, held = unit.key("confirmation"), effect.held or entry.held
    if entry.facts.asked_already and not effect.held:
        return
    unit.put(
        "confirmation",
        {
            "id": key,
            "person": effect.person.id,
            "held": held,
            "issued": unit.now,
            "expires": unit.now + CONFIRM_WITHIN,
        },
    )
    number, detail = effect.incident, effect.detail
    if entry.facts.confirmation:
        number, asked = _asked_before(unit, entry.facts.confirmation.id)
        detail = {**asked, **detail}
        _answered(unit, entry.facts.confirmation.id)
    unit.tells.append(
        e.Tell(
            effect.person,
            NoticePurpose.CONFIRM,
            number,
            detail=detail,
            cause=f"confirm:{key}",
            number=key,
            expires=unit.now + CONFIRM_WITHIN,
        )
    )


def _asked_before(unit: UnitOfWork, confirmation: int) -> tuple[int | None, dict[str, Any]]:
    """(incident, detail) of an earlier question, so that a new one about the same mail shows the same."""
    key = t.notice.c.key
    query = select(t.notice.c.incident, t.notice.c.detail)
    # a range instead of LIKE, because only then the databases use the index of keys
    query = query.where(key > f"confirm:{confirmation}:", key < f"confirm:{confirmation};")
    row = unit.connection.execute(query.limit(1)).one_or_none()
    return (row.incident, {name: value for name, value in row.detail.items() if name}) if row else (None, {})


def _answered(unit: UnitOfWork, confirmation: int) -> None:
    query = update(t.confirmation).where(t.confirmation.c.id == confirmation)
    unit.connection.execute(query.values(answered=unit.now))


def confirmed(unit: UnitOfWork, entry: PendingDecision, effect: e.Confirmed) -> None:
    """The author said yes in time: the held mail is processed again, with that proof."""
    _answered(unit, effect.confirmation)
    by = entry.facts.engineer.key if entry.facts.engineer else ""
    release(unit.connection, effect.held, "confirmed", by, unit.now)


def settle(unit: UnitOfWork, _entry: PendingDecision, effect: e.Settle) -> None:
    """A held mail was decided about."""
    if effect.confirmation:
        _answered(unit, effect.confirmation)
    release(unit.connection, effect.held, effect.decision, effect.by, unit.now)


def release(connection: Connection, held: int, decision: str, by: str, now: datetime) -> bool:
    """Records a decision about a held mail, which is then processed again or ended.  False if it was decided before."""
    if not incidents.settle(connection, held, decision, by, now):
        return False
    again = decision.split(maxsplit=1)[0] in ("confirmed", "accept", "attach")
    ended = {"ending": str(Ending.IGNORED), "reason": f"{decision} by {by}", "ended": now}
    ending = {"ending": str(Ending.WAITING)} if again else ended
    mine = t.held.select().with_only_columns(t.held.c.inbox).where(t.held.c.id == held).scalar_subquery()
    connection.execute(update(t.inbox).where(t.inbox.c.id == mine).values(**ending, attempts=0, not_before=None))
    return True


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
