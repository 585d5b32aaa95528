"""The way of a tick: what is due is decided and applied in one transaction, then waiting notices are let go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain import ticks
from sitmail.domain.deadlines import Outlook
from sitmail.domain.facts import Facts, Route
from sitmail.domain.record import record
from sitmail.services import gather
from sitmail.services.apply import enter
from sitmail.services.clocks import outlooks, wind
from sitmail.services.desk import Desk, staff
from sitmail.services.ledger import Entry, Ledger
from sitmail.services.telling import let_go, next_due, tell
from sitmail.store import ids, promises
from sitmail.store.outbox import OutboxRow


@record
class Tick:
    desk: Desk
    now: datetime


@record
class Ticked:
    """Letters that may leave, the incidents that were looked at, and when to look again (None: when told)."""

    letters: tuple[OutboxRow, ...]
    looked_at: int
    next: datetime | None


def tick(connection: Connection, items: list[Tick]) -> list[Ticked]:
    """A job of the writer."""
    desk, now = items[-1].desk, max(item.now for item in items)
    desk.memory.trust_until_rollback(ids.of(connection).rollbacks)
    due = promises.due(connection, now)
    letters = _warn(connection, desk, due, now) if due else []
    letters += let_go(connection, desk, now)
    moments = [m for m in (promises.next_deadline(connection), next_due(connection)) if m is not None]
    done = Ticked(tuple(letters), len(due), min(moments, default=None))
    return [done, *(Ticked((), 0, done.next) for _ in items[1:])]


def _warn(connection: Connection, desk: Desk, due: list[int], now: datetime) -> list[OutboxRow]:
    cases = gather.cases(connection, desk, due)
    looks = outlooks(connection, desk.policy, due, now)
    facts = Facts(Route("mailbox", desk.policy.desk), cases=cases, staff=dict(staff(connection, desk)))
    ledger = Ledger(connection, desk, now)
    for number, case in cases.items():
        decision = ticks.decide(case, looks.get(number, Outlook()), facts, desk.policy, now)
        enter(ledger, Entry(decision, facts, f"tick:{number}"))
    ledger.flush()
    wind(connection, desk.policy, due, now)
    return tell(connection, desk, ledger.wanted, now)
