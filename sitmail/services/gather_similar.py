"""The open incidents of who writes afresh: which of them a new one resembles is decided in `domain/similar`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from sitmail.domain.facts import Facts
from sitmail.domain.similar import OpenIncident
from sitmail.store import open_incidents


def with_similar(connection: Connection, found: list[Facts]) -> list[Facts]:
    """Adds the open incidents of those who write afresh, which the owner of a new one may be asked about."""
    fresh = {facts.contact.id for facts in found if facts.contact and _may_resemble(facts)}
    similar = open_incidents.open_of(connection, fresh) if fresh else {}
    return [_resembling(facts, similar) for facts in found] if similar else found


def _resembling(facts: Facts, similar: Mapping[int, tuple[OpenIncident, ...]]) -> Facts:
    theirs = similar.get(facts.contact.id, ()) if facts.contact and _may_resemble(facts) else ()
    return replace(facts, similar=theirs) if theirs else facts


def _may_resemble(facts: Facts) -> bool:
    """Whether it is somebody's fresh mail, which may open an incident."""
    return not facts.number and facts.route.kind == "mailbox" and not facts.monitor_key
