"""A decision while it is being made: its effects in order, and at most one notice for each person and incident.

Rules fill it in; everybody else gets the finished `Decision`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sitmail.domain import presence
from sitmail.domain.article_offers import Offer
from sitmail.domain.contract import Cover
from sitmail.domain.effects import Decision, Effect, Log, Tell
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.facts import Case, Facts, Party, Site
from sitmail.domain.incident import Incident, Status
from sitmail.domain.mail import Mail
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.outside_readers import hears
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.update import LegKind


@dataclass
class DecisionBuilder:
    """The decision about one mail, so far."""

    mail: Mail
    facts: Facts
    policy: Policy
    now: datetime
    effects: list[Effect] = field(default_factory=list)
    tells: dict[tuple[int, str, int | None, str], Tell] = field(default_factory=dict)
    logs: int = 0
    cover: Cover | None = None  # of the incident that it opens
    offered: tuple[Offer, ...] = ()  # articles that its acknowledgement names
    given: str = ""  # what a new incident was sorted as, and who got it by which rule

    @property
    def unanswerable(self) -> str:
        """The rule by which nothing automatic answers this mail, or ''; `[trust] people` lifts marks alone."""
        mail = self.mail
        return mail.unanswerable or ("" if self.policy.trust.is_person(mail.identity) else mail.mark)

    def do(self, *effects: Effect) -> None:
        self.effects += effects

    def log(self, entry: Log) -> int:
        """Adds an entry to the log; returns its place among the entries of this decision, for `tell`."""
        self.effects.append(entry)
        self.logs += 1
        return self.logs - 1

    def tell(
        self,
        person: Person | None,
        purpose: NoticePurpose,
        incident: int | None,
        *logs: int,
        cause: str = "",
        **detail: Any,
    ) -> None:
        """Adds to the notice for that person and incident: the first purpose stays, later updates and details join it.

        Nothing for monitors that hear nothing of it.  What was asked for by name (`what`: the log, a file) is a letter
        of its own.  `cause` as in `Tell`.
        """
        if person is None or not hears(person, purpose, self.policy):
            return
        key = (person.id, person.key, incident, letter_of_its_own(detail))
        before = self.tells.get(key)
        if before is None:
            self.tells[key] = Tell(person, purpose, incident, logs, detail, cause)
            return
        joined = tuple(sorted({*before.updates, *logs}))
        self.tells[key] = replace(before, updates=joined, detail={**detail, **before.detail})

    def decision(self, rule: Rule, ending: Ending, reason: str | None = None, incident: int = 0) -> Decision:
        """`reason` is what there is to say about this mail beyond the rule's meaning, which stands where it is None."""
        sentence = "; ".join(filter(None, (rule.meaning if reason is None else reason, self.given)))
        return Decision(rule, ending, sentence, (*self.effects, *self.tells.values()), incident)


def letter_of_its_own(detail: Mapping[str, Any]) -> str:
    """A key by which two logs, or two files, that were asked for are two letters; "" for everything else."""
    if "what" not in detail:
        return ""
    return " ".join(
        str(detail[name]) for name in ("what", "number", "file", "address", "query", "article") if name in detail
    )


def customers(case: Case) -> list[Party]:
    """Contact and participants: everybody on the public leg."""
    return [p for p in case.parties if p.leg is LegKind.PUBLIC and p.role in ("contact", "participant")]


def staff_of(incident: Incident, case: Case | None, facts: Facts) -> list[Person]:
    """The owner, the temporary owner and the watchers."""
    staff = facts.staff
    found = [staff[e] for e in (incident.temporary_owner, incident.owner) if e in staff]
    if case:
        found += [p.person for p in case.parties if p.role == "watcher" and p.person.key in staff]
    return list({person.id: person for person in found}.values()) if len(found) > 1 else found


def on_call(incident: Incident, facts: Facts, policy: Policy) -> list[Person]:
    """Who is told of an incident without owner: those on duty in its team, else the team, else every engineer."""
    return [facts.staff[e] for e in presence.on_duty(incident.team, policy, facts.presence) if e in facts.staff]


def concerned(incident: Incident, case: Case | None, facts: Facts, policy: Policy) -> list[Person]:
    """The staff who are told: owner and watchers; without an owner who is here his stand-in, or those on call."""
    watching = staff_of(incident, case, facts)
    owners = [one for one in (incident.temporary_owner, incident.owner) if one in facts.staff]
    if any(map(facts.presence.here, owners)):
        return watching
    other = presence.stand_in_for(incident, policy, facts.presence) if owners else ""
    if other in facts.staff:
        return list({p.id: p for p in (*watching, facts.staff[other])}.values())
    return list({p.id: p for p in (*watching, *on_call(incident, facts, policy))}.values())


def on_duty(builder: DecisionBuilder, incident: Incident | None = None) -> list[Person]:
    """Who decides about a mail: whom its incident concerns, else those on call for the mailbox it came to."""
    facts, policy, box = builder.facts, builder.policy, builder.facts.route.mailbox
    if incident is not None:
        return concerned(incident, facts.case, facts, policy)
    asked = Incident(0, box.address, "", Status.NEW, "", builder.now, builder.now, team=box.team or policy.team)
    return on_call(asked, facts, policy)


def admins(staff: Mapping[str, Person], policy: Policy) -> list[Person]:
    """Who looks after the desk itself.  `staff` are the engineers that the store knows, by id."""
    return [staff[e.id] for e in policy.engineers.values() if e.role == "admin" and e.id in staff]


def account_managers(site: Site | None, staff: Mapping[str, Person], policy: Policy) -> list[Person]:
    """Who answers for a site: its account manager, without one the admins."""
    manager = staff.get(site.account_manager) if site else None
    return [manager] if manager else admins(staff, policy)


def changes(before: Incident, after: Incident) -> dict[str, tuple[Any, Any]]:
    """{field: (old, new)} of every field that differs, times as RFC 3339 text."""
    if before is after:
        return {}
    names = (name for name in Incident.__dataclass_fields__ if getattr(before, name) != getattr(after, name))
    return {name: (_plain(getattr(before, name)), _plain(getattr(after, name))) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if hasattr(value, "value") else value
