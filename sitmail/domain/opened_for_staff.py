"""Who of staff is told of a new incident, and what their letter says beside the customer's words (behaviour 3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sitmail.domain import solved
from sitmail.domain.address import addr_spec
from sitmail.domain.decision_builder import DecisionBuilder, on_call
from sitmail.domain.incident import Incident
from sitmail.domain.mail import Mail
from sitmail.domain.staff_readers import told_as
from sitmail.domain.watching import watchers
from sitmail.domain.who_is_told import Happening, Role


def tell_staff(builder: DecisionBuilder, incident: Incident, log: int, detail: Mapping[str, Any]) -> None:
    """The owner; where there is none, those on call."""
    facts = builder.facts
    owner = facts.staff.get(incident.owner)
    duty = [(Role.ON_DUTY, one) for one in on_call(incident, facts, builder.policy)] if owner is None else []
    for person, purpose in told_as(Happening.OPENED, [(Role.OWNER, owner)] if owner else duty, builder.policy):
        builder.tell(person, purpose, incident.number, log, **detail, **sender_detail(builder.mail))
    for person, kind in watchers(incident, facts.watches, builder.policy):
        for one, purpose in told_as(Happening.OPENED, [(Role.WATCHER, person)], builder.policy):
            builder.tell(one, purpose, incident.number, log, watches=str(kind), **detail, **sender_detail(builder.mail))


def solved_before(builder: DecisionBuilder, incident: Incident) -> dict[str, object]:
    """Like incidents that were solved, for who gets this one; why they are alike joins the reason of the decision."""
    reference, general = builder.policy.reference, builder.policy.mailbox(incident.mailbox).product
    found = solved.like(incident, builder.facts.solved, general)
    if not found:
        return {}
    builder.given = "; ".join(filter(None, (builder.given, solved.reasons(incident, found, reference, general))))
    return {"solved": solved.rows(incident, found, reference, general)}


def sender_detail(mail: Mail) -> dict[str, Any]:
    """What staff should know of a mail's sender: whom else it asks to answer, and that our address stood in From."""
    answers = [f"{one.name} <{one.address}>" if one.name else one.address for one in mail.reply_to]
    found = {"reply_to": answers, "in_our_name": mail.in_our_name, "sent_by": _sent_by(mail), "form": mail.form}
    return {name: value for name, value in found.items() if value}


def _sent_by(mail: Mail) -> str:
    """The one in Sender where that is somebody else than From: he wrote on behalf of From (RFC 5322 section 3.6.2)."""
    written = " ".join(" ".join(mail.headers.get("sender", ())).split())
    address = addr_spec(written.rpartition("<")[2].rstrip(">").strip())
    return written[:200] if address and address != mail.identity and not mail.form else ""
