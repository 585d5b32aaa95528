"""Who watches a site, a contact or a contract: they hear of each incident there, new or changed (behaviour 3).

They are watchers of these incidents without being enrolled in any: what they hear stops with `/watch ... off`, when
they leave, and where an incident is another team's.
"""

from __future__ import annotations

from collections.abc import Iterator

from sitmail.domain.authority import acts_on
from sitmail.domain.incident import Incident
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.watch import Watches, WatchKind


def watchers(incident: Incident, watches: Watches, policy: Policy) -> Iterator[tuple[Person, WatchKind]]:
    """Engineers who hear of it, each once, and what of it they watch; within their own rights."""
    if not watches:
        return
    found: set[int] = set()
    for kind, key in _keys(incident):
        for person in watches.get((kind, key), ()):
            engineer = policy.engineers.get(person.key)
            if engineer is not None and person.id not in found and acts_on(engineer, incident):
                found.add(person.id)
                yield person, kind


def _keys(incident: Incident) -> Iterator[tuple[WatchKind, str]]:
    if incident.site:
        yield WatchKind.SITE, incident.site
    if incident.contact:
        yield WatchKind.CONTACT, str(incident.contact)
    if incident.contract:
        yield WatchKind.CONTRACT, incident.contract
