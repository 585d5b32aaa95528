"""Who is here, for decisions; and the effects of /away and /back.  What the clock does about them: `handing_over`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain import effects as e
from sitmail.domain.presence import Presence
from sitmail.services.desk import Desk, away
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import absences as store


def presence(connection: Connection, desk: Desk, now: datetime) -> Presence:
    """Of the engineers of the configuration those who are away now."""
    gone = away(connection, desk)
    known = {key: one.until for key, one in gone.items() if one.until > now and key in desk.policy.engineers}
    return Presence(now, known)


def begin(unit: UnitOfWork, _entry: PendingDecision, effect: e.Away) -> None:
    store.begin(unit.connection, unit.ids, effect.engineer, unit.now, effect.until)
    unit.desk.memory.away = None


def end(unit: UnitOfWork, _entry: PendingDecision, effect: e.Back) -> None:
    store.cut_short(unit.connection, effect.engineer, unit.now)
    unit.desk.memory.away = None
