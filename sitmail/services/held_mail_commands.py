"""Decisions about held mail from the command line: accept, attach N, reject, spam."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from sitmail.domain.record import record
from sitmail.services.held_mail import release
from sitmail.store.ids import of
from sitmail.store.schema import audit, held, incident


class NotDecided(Exception):
    """Nothing was done; the message says why, for the person who asked."""


@record
class Order:
    """`action` accept, attach (to `number`), reject or spam; `actor` is who says so."""

    action: str
    id: int
    number: int
    actor: str
    now: datetime
    policy: str = ""


def decide(connection: Connection, orders: list[Order]) -> list[dict[str, Any]]:
    """A job of the writer: what is accepted or attached will be processed again; the rest is ended.

    Raises NotDecided.
    """
    return [_decide(connection, order) for order in orders]


def _decide(connection: Connection, order: Order) -> dict[str, Any]:
    row = connection.execute(
        select(held.c.inbox, held.c.decision, held.c.attach_only).where(held.c.id == order.id)
    ).one_or_none()
    if row is None:
        raise NotDecided(f"There is no held mail {order.id}.")
    if order.action == "attach":
        known = connection.execute(select(incident.c.number).where(incident.c.number == order.number)).scalar()
        if known is None:
            raise NotDecided(f"There is no incident {order.number}.")
    if order.action == "accept" and row.attach_only:
        sentence = f"Held mail {order.id} cannot be accepted: its From names nobody, or more than one."
        raise NotDecided(f"{sentence} Attach it to an incident (sitmail held attach N {order.id}), or reject it.")
    decision = f"attach {order.number}" if order.action == "attach" else order.action
    if not release(connection, order.id, decision, order.actor, order.now):
        raise NotDecided(f"Held mail {order.id} was decided before: {row.decision}.")
    connection.execute(
        audit.insert().values(
            id=of(connection).take(connection, "audit", 1).start,
            at=order.now,
            actor=order.actor,
            action=f"held {decision}",
            inbox=row.inbox,
            incident=order.number or None,
            policy=order.policy,
        )
    )
    return {"id": order.id, "inbox": row.inbox, "decision": decision, "decided_by": order.actor}
