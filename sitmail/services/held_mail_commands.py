"""Decisions about held mail from the command line: accept, attach N, reject, spam.

What may be decided is asked of `domain/held_decisions`, as it is for a decision by mail; `held_mail` records both.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sitmail.domain.held_decisions import APPROVE, REMEMBER, refusal
from sitmail.domain.policy import Policy
from sitmail.domain.record import record
from sitmail.services.held_mail import release
from sitmail.store import incidents


class NotDecided(Exception):
    """Nothing was done; the message says why, for the person who asked."""


@record
class Order:
    """`action` accept (`why` may be remember), attach (to `number`), reject (`why` is for its writer) or spam.

    `actor` is who says so.
    """

    action: str
    id: int
    number: int
    actor: str
    now: datetime
    policy: Policy
    why: str = ""


def decide(connection: Connection, orders: list[Order]) -> list[dict[str, Any]]:
    """A job of the writer: records decisions; the mails are then processed again.  Raises NotDecided."""
    return [_decide(connection, order) for order in orders]


def _decide(connection: Connection, order: Order) -> dict[str, Any]:
    held = incidents.held_mails(connection, [order.id]).get(order.id)
    if held is None:
        raise NotDecided(f"There is no held mail {order.id}.")
    if order.action == "attach" and not incidents.incidents(connection, [order.number]):
        raise NotDecided(f"There is no incident {order.number}.")
    sentence = refusal(held, order.action, order.policy)
    if sentence:
        raise NotDecided(f"Held mail {order.id}: {sentence}.")
    if order.action == "accept" and order.why not in ("", REMEMBER):
        raise NotDecided(f"Behind accept stands nothing, or {REMEMBER}.")
    written = {
        "accept": APPROVE if held.approvers else f"accept {order.why}".strip(),
        "attach": f"attach {order.number}",
        "reject": f"reject {order.why}".strip(),
    }
    decision = written.get(order.action, order.action)
    release(connection, order.id, decision, order.actor, order.now, order.policy.digest)
    return {"id": order.id, "inbox": held.inbox, "decision": decision, "decided_by": order.actor}
