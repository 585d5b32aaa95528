"""The last line of every letter: why its reader got it, and how to change that.

It follows from his part in the incident as that is when the letter is written; where a letter is about no incident, or
its reader has no part in it, from what the letter is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sitmail.domain.every_incident import EXCEPTIONAL
from sitmail.domain.incident import Incident
from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence
from sitmail.domain.who_is_told import Level

P = NoticePurpose
# --- to people outside
WROTE = Sentence("You get this once, because you wrote to us.")
STRANGER = Sentence(
    "You get this because we received an email from this address. If you did not write it, you need not do anything."
)
IN_YOUR_NAME = Sentence("You get this because an email in your name needs your yes; without it nothing is done.")


def _contact(reference: str, *, less: bool) -> Sentence:
    if less:
        return Sentence(
            "You get this because %(reference)s is yours. Write /level replies on top of a reply for fewer emails.",
            reference=reference,
        )
    return Sentence(
        "You get this because %(reference)s is yours. Write /level all on top of a reply to hear everything.",
        reference=reference,
    )


def _participant(reference: str, *, less: bool) -> Sentence:
    if less:
        return Sentence(
            "You get this because you take part in %(reference)s. Write /level replies on top of a reply for fewer "
            "emails, /stop for none.",
            reference=reference,
        )
    return Sentence(
        "You get this because you take part in %(reference)s. Write /level all on top of a reply to hear everything, "
        "/stop for nothing.",
        reference=reference,
    )


def _partner(reference: str) -> Sentence:
    return Sentence(
        "You get this because you work with us on %(reference)s. Tell us in a reply if it should go to somebody else.",
        reference=reference,
    )


# --- to staff, by part


def _part(reader: Person, incident: Incident, watching: bool, reference: str) -> Sentence | None:
    if reader.key == incident.temporary_owner:
        return Sentence("You get this because you have %(reference)s for now; /back returns it.", reference=reference)
    if reader.key == incident.owner:
        return Sentence(
            "You get this because you own %(reference)s; /assign NAME gives it to somebody else.", reference=reference
        )
    if watching:
        return Sentence("You get this because you watch %(reference)s; /watch off ends that.", reference=reference)
    return None


def _without_part(
    purpose: NoticePurpose, reader: Person, incident: Incident, detail: Mapping[str, Any], policy: Policy
) -> Sentence:
    """Somebody of staff who has no part in it, and asked for nothing."""
    reference, engineers = policy.reference(incident.number), policy.engineers
    if "watches" in detail:
        return Sentence(
            'You get this because of "/watch %(what)s"; "/watch %(what)s off" in a reply ends that.',
            what=detail["watches"],
        )
    if (onlooker := ONLOOKERS.get(detail.get("onlooker", ""))) is not None:
        return onlooker
    if purpose in EXCEPTIONAL and reader.key in engineers and engineers[reader.key].role == "admin":
        return EVERY
    before = detail.get("before") or {}
    if reader.key in (before.get("owner"), before.get("temporary_owner")):
        return Sentence("You get this because %(reference)s was yours until now; no more follows.", reference=reference)
    if purpose is P.NOTE:
        return Sentence("You get this once, because a colleague wrote it to you.")
    if incident.owner not in engineers or before.get("owner") == "":
        return Sentence(
            "You get this because nobody owned %(reference)s and you are on duty; on_duty in [[team]] decides that.",
            reference=reference,
        )
    if purpose is P.UNANSWERED and detail.get("why") == "call":
        return Sentence("You get this because a step names you; [[chase]] in the configuration decides that.")
    owners = [engineers[one] for one in (incident.owner, incident.temporary_owner) if one in engineers]
    below = next((one.name for one in owners if one.manager == reader.key), "")
    if below:
        return Sentence(
            "You get this because %(name)s reports to you; manager in [[engineer]] decides that.", name=below
        )
    if purpose is P.ANSWER_COPY:
        return Sentence("You get this because an incident of yours belongs to %(reference)s.", reference=reference)
    return Sentence(
        "You get this in place of %(name)s, who owns %(reference)s; substitute in [[engineer]] decides that.",
        name=owners[0].name,
        reference=reference,
    )


ASKED_FOR = Sentence("You get this once, because you wrote to the desk.")
ADMIN = Sentence("You get this because you look after the desk itself; role in [[engineer]] decides that.")
ON_DUTY = Sentence("You get this because you are on duty for this mailbox; on_duty in [[team]] decides that.")
ESCALATED = Sentence("You get this because a step names you; [[escalation]] in the configuration decides that.")
ABSENCE = Sentence("You get this because of an absence; substitute and manager in [[engineer]] decide who does.")
SITE = Sentence("You get this because you look after the site, or the desk; account_manager in [[site]] decides that.")
EVERY = Sentence("You get this because you hear of every incident; every_incident in [[engineer]] decides that.")
ONLOOKERS: Mapping[str, Sentence] = {
    "manager": Sentence("You get this because its owner reports to you; [tell] in the configuration decides that."),
    "account_manager": Sentence(
        "You get this because you look after its site; [tell] in the configuration decides that."
    ),
}
MISUSED = Sentence("You get this because the address was made for you; nobody else is told.")
# What decides whatever part its reader has; the others are asked for.
BY_PURPOSE: Mapping[NoticePurpose, Sentence] = {
    P.TROUBLE: ADMIN,
    P.QUARANTINED: ADMIN,
    P.MACHINE_IGNORED: ON_DUTY,
    P.HELD: ON_DUTY,
    P.STORM: ON_DUTY,
    P.CONFIRM: Sentence("You get this because an email in your name needs your yes; nothing is done without it."),
    P.ESCALATED: ESCALATED,
    P.STANDS_IN: ABSENCE,
    P.WHILE_AWAY: ABSENCE,
    P.HANDED_BACK: ABSENCE,
    P.LEAVE_ASKED: ABSENCE,
    P.LEAVE_ANSWERED: ABSENCE,
    P.ABSENCE_PROPOSED: ABSENCE,
    P.CONTRACT: SITE,
    P.APPROVAL: SITE,
    P.DIRECTORY_CHANGED: SITE,
    P.PROPOSAL: SITE,
    P.PREPAID: SITE,
    P.PREPAID_ASKED: Sentence("You get this because prepaid time needs your yes; approve in [prepaid] decides that."),
    P.TOKEN_MISUSED: MISUSED,
    P.TOKEN_MISUSED_CUSTOMER: Sentence("You get this because that reply address was made for you."),
    P.DIGEST: Sentence("You get one letter because there was a lot at once; digest_above in [limits] decides that."),
    P.MORNING: Sentence("You get this every working day; morning in [[engineer]] sets the hour, or ends it."),
    P.CONFIRM_CUSTOMER: IN_YOUR_NAME,
    P.CONFIRM_CUSTOMER_WAITS: IN_YOUR_NAME,
    P.ACKNOWLEDGEMENT_STRANGER: STRANGER,
}
ROLES_FIRST = frozenset({P.HELD, P.ESCALATED, P.PREPAID})  # a part in the incident says more


def why(
    purpose: NoticePurpose,
    reader: Person,
    incident: Incident | None,
    role: str,
    detail: Mapping[str, Any],
    policy: Policy,
) -> str:
    """`role`: his participation in the incident (contact, participant, watcher, ...), "" for none."""
    traits, said = PURPOSES[purpose], BY_PURPOSE.get(purpose)
    if purpose is P.REPORT_DUE:
        name = str(detail.get("sent_as", ""))
        return Sentence("You get this report because the desk's configuration sends it to you: %(name)s.", name=name)
    if said is not None and not (purpose in ROLES_FIRST and incident is not None):
        return said
    if not reader.staff:
        return _outside(reader, incident, policy, asked=traits.asked and purpose is not P.ACKNOWLEDGEMENT)
    if purpose is P.EVERY_INCIDENT and "onlooker" not in detail:
        return EVERY
    if traits.asked:
        return ASKED_FOR
    reference = policy.reference(incident.number) if incident else ""
    part = _part(reader, incident, role == "watcher", reference) if incident else None
    if part is not None:
        return part
    if said is not None:
        return said
    return _without_part(purpose, reader, incident, detail, policy) if incident else ADMIN


def _outside(reader: Person, incident: Incident | None, policy: Policy, *, asked: bool) -> str:
    if not reader.known:
        return STRANGER
    if asked or incident is None:
        return WROTE
    reference, less = policy.reference(incident.number), reader.level not in (Level.IMPORTANT, Level.REPLIES)
    if reader.partner:
        return _partner(reference)
    return (_contact if reader.id == incident.contact else _participant)(reference, less=less)
