"""How a mail ended, and as what: the row of the inbox that says so."""

from __future__ import annotations

from sitmail.services.hints import Arrival
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import inbox


def note_ending(unit: UnitOfWork, entry: PendingDecision, arrival: Arrival) -> None:
    decision, mail = entry.decision, arrival.mail
    unit.ended.append(
        inbox.Ended(
            id=arrival.id,
            ending=str(decision.ending),
            rule=str(decision.rule),
            reason=decision.reason,
            ended=unit.now,
            incident=(decision.incident or entry.opened) or None,
            author=mail.identity or (mail.sender.address if mail.sender else ""),
            subject=mail.subject,
            message_id=mail.message_id,
            policy=unit.desk.policy.digest,
        )
    )
