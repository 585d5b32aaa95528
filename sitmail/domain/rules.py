"""When mail arrives: the rules in order; the first that answers decides.

Machines first, then who wrote, then what is asked, else hold.  A rule is a function of the draft that returns a
decision or None; it may look only at the mail, the facts, the policy and `now`.  The daemon, `sitmail explain` and
`/why` all tell the same story, because this is the only place that decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sitmail.domain import machines
from sitmail.domain.customer import decide_party
from sitmail.domain.draft import Draft, concerned, on_call
from sitmail.domain.effects import Ask, Confirmed, Decision, Hold, Know, Log, Meet, Settle, Void
from sitmail.domain.facts import Facts
from sitmail.domain.incident import Incident, Status
from sitmail.domain.mail import Mail
from sitmail.domain.onbehalf import passed_on
from sitmail.domain.opening import NEW, covering, open_incident, served_contact
from sitmail.domain.people import Person
from sitmail.domain.policy import Engineer, Policy
from sitmail.domain.staff import decide_numbered, decide_staff
from sitmail.domain.trust import CONFIRM, Power, customer_may
from sitmail.domain.update import Direction, Event, LegKind

_YES = re.compile(r"(?:yes|y|ja|oui|si|sí)\b", re.IGNORECASE)
_DOUBT = re.compile(
    r"[?]|n['’]t\b|\b(?:not|no|never|but|nobody|nicht|kein|aber|pas|jamais|pero|nunca)\b", re.IGNORECASE
)
_NO = re.compile(r"(?:no|n|nein|non)\b", re.IGNORECASE)


def decide(mail: Mail, facts: Facts, policy: Policy, now: datetime) -> Decision:
    """What is to be done with a mail.  Pure; total: every mail gets a decision."""
    draft = Draft(mail, facts, policy, now)
    for rule in RULES:
        decision = rule(draft)
        if decision is not None:
            return decision
    raise AssertionError("the last rule answers every mail")


# --- who wrote


def nobody(draft: Draft) -> Decision | None:
    """Exactly one From with one mailbox, else the mail has no identity (contract section 7)."""
    case, release = draft.facts.case, draft.facts.release
    if draft.mail.identity:
        return None
    if release is None or release.how != "attach" or case is None:
        return _held(draft, "unknown-sender", "its From names nobody, or more than one: attach it, or reject it")
    mail, number = draft.mail, case.incident.number
    entry = Log(number, LegKind.INTERNAL, Event.NOTE, Direction.IN, actor="somebody unknown", text=mail.text)
    log = draft.log(replace(entry, attachments=mail.attachments))
    for reader in concerned(case.incident, case, draft.facts, draft.policy):
        draft.tell(reader, "note", number, log)
    return draft.decision("attached-nobody", "applied", f"attached by {release.by}", number)


def foreign_token(draft: Draft) -> Decision | None:
    """A token used from another From is no proof: held, and its owner is told."""
    owner, facts = draft.facts.token_owner, draft.facts
    if owner is None or facts.release:
        return None
    sentence = f"{draft.mail.identity} wrote to the reply address of {owner.name or owner.address}"
    draft.do(Hold("foreign-token", sentence, facts.number, owner))
    if owner.staff:
        draft.do(Void(owner, facts.token_number))
        if owner.key in facts.staff:  # he may have left
            draft.tell(owner, "token_misused", facts.number or None, writer=draft.mail.identity)
    else:
        draft.tell(owner, "token_misused_customer", facts.number or None)
    if facts.case:
        for reader in concerned(facts.case.incident, facts.case, facts, draft.policy):
            draft.tell(reader, "held", facts.number, reason="foreign-token", text=sentence)
    return draft.decision("foreign-token", "held", sentence, facts.number)


# --- what is asked


def confirmation(draft: Draft) -> Decision | None:
    """The answer to "did you write this?": yes in time applies the held mail, a later yes asks again."""
    facts = draft.facts
    if facts.route.kind != "c":
        return None
    asked, person = facts.confirmation, facts.engineer
    if asked is None or person is None or facts.token_kind != CONFIRM or asked.person != person.id:
        return draft.decision("confirmation-unknown", "ignored", "an answer to no question of ours")
    first = next((line.strip() for line in draft.mail.new_text.split("\n") if line.strip()), "")
    if asked.answered:
        return draft.decision("confirmation-again", "ignored", "that question was answered before")
    if _NO.match(first):
        draft.do(Settle(asked.held, "reject", person.key, asked.id))
        return draft.decision("confirmation-no", "applied", "he did not write it")
    if not _YES.match(first) or _DOUBT.search(first):  # "yes? I did not write that"
        return draft.decision("confirmation-unclear", "ignored", "neither yes nor no on the first line")
    if draft.now > asked.expires:
        draft.do(Ask(person, None, {"late": True}, held=asked.held))
        return draft.decision("confirmation-late", "applied", "the yes came too late; asked afresh")
    draft.do(Confirmed(asked.id, asked.held))
    return draft.decision("confirmation-yes", "applied", "confirmed")


def command_address(draft: Draft) -> Decision | None:
    """`N: /verb` and `N: words`, at the command address or in an answer to a digest or a held letter."""
    facts = draft.facts
    if facts.route.kind not in ("cmd", "d", "h"):
        return None
    engineer = _engineer(facts, draft.policy)
    if engineer and facts.engineer:
        return decide_numbered(draft, facts.engineer, engineer)
    if facts.contact is None or not facts.contact.known or draft.mail.unanswerable:
        return draft.decision("command-stranger", "ignored", "strangers at the command address get nothing")
    if facts.reads_last_hour >= draft.policy.limits.reads_per_sender_hour:
        return draft.decision("reads-limit", "ignored", "more reading commands within an hour than the limit allows")
    if not customer_may(Power.READ, facts.proof, draft.policy.trust):
        return _held(draft, "low-trust", "nothing proves who asks")
    draft.tell(facts.contact, "customer_help", None)
    return draft.decision("customer-help", "applied", "sent the help letter")


def engineers_update(draft: Draft) -> Decision | None:
    """An engineer answers a letter about an incident, or names it in a fresh mail."""
    facts = draft.facts
    case, engineer = facts.case, _engineer(facts, draft.policy)
    if case is None or engineer is None or facts.engineer is None:
        return None
    if facts.release and facts.release.how == "attach":
        return None
    # who is both engineer and contact: the leg of the letter answered decides; a fresh mail is a contact's
    if facts.contact is not None and case.party(facts.contact) and facts.answered_as in (None, facts.contact):
        return None
    return decide_staff(draft, case, facts.engineer, engineer, facts.answered_leg or LegKind.INTERNAL)


def customers_update(draft: Draft) -> Decision | None:
    """A contact or participant writes to an incident of his."""
    facts, trust = draft.facts, draft.policy.trust
    case, person = facts.case, facts.contact
    if case is None or person is None or case.party(person) is None:
        return None
    if not customer_may(Power.SAY, facts.proof, trust) and not facts.release:
        return _held(draft, "low-trust", f"From is {person.address}, but nothing proves it", case.incident)
    if not person.known and customer_may(Power.RELAY, facts.proof, trust):
        draft.do(Know(person))
    return decide_party(draft, case, person)


def attached(draft: Draft) -> Decision | None:
    """Staff decided to which incident a held mail belongs."""
    facts = draft.facts
    if not facts.release or facts.release.how != "attach" or facts.case is None:
        return None
    person, _ = served_contact(draft)
    if person.id == 0:
        draft.do(Meet(person.key, person.name))
    return decide_party(draft, facts.case, person)


# --- somebody new


def unknown_sender(draft: Draft) -> Decision | None:
    """About who: what `[trust] unknown_sender` says of people no file knows."""
    facts, trust = draft.facts, draft.policy.trust
    known = (facts.contact is not None and facts.contact.known) or facts.engineer is not None
    if known or facts.release or trust.unknown_sender == "open":
        return None
    if trust.unknown_sender == "reject":
        return draft.decision("unknown-sender", "ignored", "nobody of the directory")
    return _held(draft, "unknown-sender", f"{draft.mail.identity} is nobody of the directory")


def cover(draft: Draft) -> Decision | None:
    """About cover: what the mailbox's `intake` says of those without a contract."""
    facts, box = draft.facts, draft.facts.route.mailbox
    if facts.release or box.intake == "open":
        return None
    if box.intake == "triage":
        return _held(draft, "triage", "everything to this mailbox waits for a person")
    if facts.contact is None or covering(facts.contracts, facts.contact, box) is None:
        return _held(draft, "not-entitled", f"no contract covers {draft.mail.identity}")
    return None


def new_incident(draft: Draft) -> Decision | None:
    """Anything else opens an incident.  A number named without a right to it is a note to staff, nothing more."""
    person, stranger = served_contact(draft)
    open_incident(draft, person, stranger=stranger)
    reason = f"names {draft.facts.claimed}, which is not the writer's" if draft.facts.claimed else ""
    return draft.decision("new-incident", "new", reason, NEW)


RULES: tuple[Callable[[Draft], Decision | None], ...] = (
    machines.blocked,
    machines.repeated,
    machines.own,
    machines.bounce,
    machines.automatic,
    nobody,
    foreign_token,
    confirmation,
    command_address,
    engineers_update,
    passed_on,
    attached,
    customers_update,
    unknown_sender,
    cover,
    new_incident,
)


def _engineer(facts: Facts, policy: Policy) -> Engineer | None:
    return policy.engineers.get(facts.engineer.key) if facts.engineer else None


def _held(draft: Draft, reason: str, text: str, incident: Incident | None = None) -> Decision:
    """Kept for a person to decide; those on call are told, the writer is not (he may be anybody)."""
    facts = draft.facts
    number = incident.number if incident else 0
    draft.do(Hold(reason, text, number, facts.contact))
    if not draft.mail.machine:
        for reader in _duty(draft, incident):
            draft.tell(reader, "held", number or None, reason=reason, text=text)
    return draft.decision("held-" + reason, "held", text, number)


def _duty(draft: Draft, incident: Incident | None) -> list[Person]:
    if incident is not None:
        return concerned(incident, draft.facts.case, draft.facts, draft.policy)
    box = draft.facts.route.mailbox
    asked = Incident(0, box.address, "", Status.NEW, "", draft.now, draft.now, team=box.team or draft.policy.team)
    return on_call(asked, draft.facts, draft.policy)
