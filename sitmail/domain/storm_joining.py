"""A new incident that is like those of a storm whose lead said yes gets the same parent."""

from __future__ import annotations

from sitmail.domain import storms
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Log
from sitmail.domain.incident import Incident
from sitmail.domain.link_effects import AddLink
from sitmail.domain.links import LinkKind
from sitmail.domain.update import Direction, Event, LegKind


def join_storm(builder: DecisionBuilder, incident: Incident, *, follows: bool) -> bool:
    """Links the incident that the decision opens; `follows`: it goes on with one of its writer's own."""
    facts, policy = builder.facts, builder.policy
    if follows or not facts.storms.joinable or facts.monitor_key:
        return False
    storm = storms.of_storm(storms.opened(incident, policy), facts.storms.joinable)
    if storm is None:
        return False
    builder.do(AddLink(incident.number, LinkKind.PARENT, other=storm.parent, by=storms.DESK))
    text = f"parent {policy.reference(storm.parent)}"
    builder.log(Log(incident.number, LegKind.INTERNAL, Event.LINKED, Direction.NONE, actor=storms.DESK, text=text))
    return True
