"""WHEN AN ENGINEER HAS LEFT: the configuration names him no more, and what he owned goes to somebody else.  Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sitmail.domain.assignment import least_loaded
from sitmail.domain.decision_builder import changes, on_call
from sitmail.domain.effects import Decision, Effect, Log, Tell
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.facts import Case, Facts
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.policy import Policy
from sitmail.domain.update import Direction, Event, LegKind

CONFIGURATION = "the configuration"


def decide(case: Case, name: str, substitute: str, facts: Facts, policy: Policy, now: datetime) -> Decision:
    """The substitute owns it, else who of the incident's team has the fewest, else the default owner, else nobody.

    `name` is how the engineer who left was called.  The new owner is told once, with all of it; without one, those
    who are told of new incidents.
    """
    before = case.incident
    owner = _successor(case, substitute, facts, policy)
    after = replace(before, owner=owner, updated=now)
    entry = Log(
        before.number,
        LegKind.INTERNAL,
        Event.CHANGED,
        Direction.NONE,
        actor=CONFIGURATION,
        text=f"{name} is no engineer of this desk any more",
        change=changes(before, after),
    )
    readers = [facts.staff[owner]] if owner in facts.staff else on_call(after, facts, policy)
    purpose = NoticePurpose.ASSIGNED if owner in facts.staff else NoticePurpose.UNOWNED
    effects: list[Effect] = [entry]
    for reader in readers:
        effects.append(Tell(reader, purpose, before.number, (0,), {"left": name}, cause=f"left:{before.owner}"))
    return Decision(Rule.ENGINEER_LEFT, Ending.APPLIED, f"{name} left", tuple(effects), before.number)


def _successor(case: Case, substitute: str, facts: Facts, policy: Policy) -> str:
    if substitute in policy.engineers and substitute in facts.staff:
        return substitute
    barred = {address for party in case.parties if party.role == "contact" for address in party.person.addresses}
    chosen = least_loaded(facts, policy, case.incident.team, barred) if case.incident.team else ""
    return chosen or (policy.default_owner if policy.default_owner in facts.staff else "")
