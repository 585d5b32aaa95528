"""A new incident that is like those of a storm whose lead said yes gets the same parent."""

from __future__ import annotations

from sitmail.domain import storms
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Log
from sitmail.domain.incident import Incident
from sitmail.domain.link_effects import AddLink
from sitmail.domain.links import LinkKind
from sitmail.domain.storm import Storm
from sitmail.domain.update import Direction, Event, LegKind


def storm_of(builder: DecisionBuilder, incident: Incident) -> Storm | None:
    """The storm that goes on and that the incident which the decision opens is like."""
    joinable = builder.facts.storms.joinable
    if not joinable or builder.facts.monitor_key:
        return None
    return storms.of_storm(storms.opened(incident, builder.policy), joinable)


def join_storm(builder: DecisionBuilder, incident: Incident, storm: Storm) -> None:
    """Links it; only of people the desk knows, since what is said to all goes to them, too."""
    builder.do(AddLink(incident.number, LinkKind.PARENT, other=storm.parent, by=storms.DESK))
    text = f"parent {builder.policy.reference(storm.parent)}"
    builder.log(Log(incident.number, LegKind.INTERNAL, Event.LINKED, Direction.NONE, actor=storms.DESK, text=text))
