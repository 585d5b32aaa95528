"""Reports of machines (S1-07, behaviour 3.4): one incident for each fingerprint, with a count, and what tells its end.

No machine gets a letter.  The owner gets one for the first report, the tenth, the hundredth and so on; at most once a
day (by UTC) one that it is over, and then one that it is back, so that what goes on and off makes no storm.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sitmail.domain.decision_builder import DecisionBuilder, changes, concerned, customers
from sitmail.domain.effects import Decision, Log, Meet, Retract
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.facts import Case, Proof
from sitmail.domain.incident import Incident, Move, Status, moved
from sitmail.domain.labelled_values import named_value
from sitmail.domain.mail import Mail
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.opening import may_reopen, open_incident
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Monitor, Policy
from sitmail.domain.promising import promised
from sitmail.domain.update import Direction, Event, LegKind

FIELD = "fingerprint"  # of structured mail, where the configuration names no other
FLAPPING = timedelta(days=1)  # what was opened again within that time stays open, whatever the machine says


def fingerprint(policy: Policy, mail: Mail) -> str:
    """What tells a machine's reports apart; "" if its sender is no monitor.

    A header field, or a regular expression's match; else what structured mail names under that name; else the sender,
    and the subject with digits folded and without the words that tell a recovery.
    """
    monitor = policy.monitor_of(mail.identity) if policy.monitors else None
    if monitor is None:
        return ""
    values = mail.headers.get(monitor.header.lower(), ()) if monitor.header else ()
    found = monitor.pattern.search(f"{mail.subject}\n{mail.text}") if monitor.pattern else None
    told = values[0].strip() if values else found[0] if found else named_value(mail, monitor.header or FIELD)
    if told:
        return f"{monitor.addresses[0]} {told}"[:300]
    over = monitor.recovery.search(mail.subject) if monitor.recovery else None
    subject = " ".join((mail.subject.replace(over[0], " ", 1) if over else mail.subject).split())
    return f"{mail.identity} {re.sub('[0-9]+', '0', subject)}"[:300]


def reported(builder: DecisionBuilder) -> Decision:
    """A monitor's mail: something new, the same again, or that it is over."""
    facts, mail = builder.facts, builder.mail
    name = mail.sender.name if mail.sender else ""
    sender = facts.contact or Person(0, Kind.ROBOT, mail.identity, name, (mail.identity,))
    monitor, case = builder.policy.monitor_of(mail.identity), facts.cases.get(facts.monitor_number)
    if monitor is not None and monitor.recovery and monitor.recovery.search(f"{mail.subject}\n{mail.text}"):
        return _over(builder, monitor, case, sender)
    if case is None or not (case.incident.open or may_reopen(case, builder.policy, builder)):
        open_incident(builder, sender, stranger=True, prior=case.incident.number if case else 0)
        return builder.decision(Rule.MONITOR_NEW, Ending.NEW)
    return _again(builder, case, sender)


def _again(builder: DecisionBuilder, case: Case, sender: Person) -> Decision:
    before = case.incident
    opened = before if before.open else before.reopened(builder.now)
    after = opened.having(reports=before.reports + 1, recovered=None)
    log = _logged(builder, before, after, sender)
    if after.cycle != before.cycle:
        builder.do(Retract(before.number, pinned_too=True))
        builder.do(*promised(after, builder.policy))
    detail: dict[str, Any] = {"count": after.reports} if _is_power_of_ten(after.reports) else {}
    if not before.open or (before.recovered and before.recovered == before.recovery_told):  # the last letter said: over
        detail |= {"back": True, "reopened": not before.open}
    if detail:
        _tell_staff(builder, case, after, log, detail)
    return builder.decision(Rule.MONITOR_AGAIN, Ending.APPLIED, incident=before.number)


def _over(builder: DecisionBuilder, monitor: Monitor, case: Case | None, sender: Person) -> Decision:
    if case is None or not case.incident.open:
        return builder.decision(Rule.MONITOR_RECOVERED, Ending.IGNORED, "nothing that it reported is open")
    before = case.incident
    closes = monitor.recovery_closes and not _why_not_closed(builder, case)
    told = closes or before.recovery_told is None or before.recovery_told.date() != builder.now.date()
    after = replace(before, recovered=builder.now, recovery_told=builder.now if told else before.recovery_told)
    if closes:
        after = replace(
            after,
            status=moved(before.status, Move.CLOSE) or Status.CLOSED,
            closing_status=builder.policy.closing.default,
            closed=builder.now,
            next_action="",
            next_action_at=None,
        )
    log = _logged(builder, before, after, sender)
    if told:
        _tell_staff(builder, case, after, log, {"over": True, "closed": closes})
    why = _why_not_closed(builder, case) if monitor.recovery_closes else None
    return builder.decision(Rule.MONITOR_RECOVERED, Ending.APPLIED, why or None, before.number)


def _why_not_closed(builder: DecisionBuilder, case: Case) -> str:
    """Why a machine's word does not close it, though the configuration lets it; "" if it does."""
    facts, incident = builder.facts, case.incident
    if facts.proof not in (Proof.AUTHENTICATED, Proof.BOTH, Proof.LOGIN):
        return "not closed, because nothing proves who sent it"
    if any(builder.policy.monitor_of(one.person.address) is None for one in customers(case)):
        return "not closed, because people take part"
    opened = incident.cycle_opened
    if incident.cycle > 1 and opened is not None and builder.now - opened < FLAPPING:
        return "not closed, because it goes on and off"
    return ""


def _logged(builder: DecisionBuilder, before: Incident, after: Incident, sender: Person) -> int:
    mail = builder.mail
    if not sender.id:
        builder.do(Meet(sender.key, sender.name))
    event = Event.AUTOMATIC if before.open == after.open else Event.REOPENED if after.open else Event.CLOSED
    entry = Log(before.number, LegKind.INTERNAL, event, Direction.IN, sender, text=mail.own_words or mail.text)
    said = replace(entry, quoted=mail.quoted_text, attachments=mail.attachments, proof=builder.facts.proof.label)
    return builder.log(replace(said, change=changes(before, after)))


def _tell_staff(builder: DecisionBuilder, case: Case, after: Incident, log: int, detail: dict[str, Any]) -> None:
    for reader in concerned(after, case, builder.facts, builder.policy):
        builder.tell(reader, NoticePurpose.MACHINE_REPORTS, after.number, log, **detail)


def _is_power_of_ten(count: int) -> bool:
    return count > 1 and str(count).rstrip("0") == "1"
