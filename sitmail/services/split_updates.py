"""What an engineer's mail may split off or share: read for mails that hold `/split` or `/share` alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from sitmail.domain.facts import Facts
from sitmail.domain.merging import about, with_merged
from sitmail.domain.written import Splittable
from sitmail.services.hints import Arrival
from sitmail.store import shareable_updates, split_updates
from sitmail.store.incidents import Covering


def with_splittable(
    connection: Connection, facts: Facts, arrival: Arrival, covering: Mapping[str, Sequence[Covering]]
) -> Facts:
    """Updates that the mail names, and the latest that the reader of the letter knew which it answers."""
    if facts.engineer is not None and "share" in arrival.named.verbs:
        facts = _with_shareable(connection, facts, arrival)
    if facts.engineer is None or "split" not in arrival.named.verbs:
        return facts
    numbers = about(facts.number, arrival.named.numbers, facts.cases)
    incidents = {one for number in numbers for one in with_merged(number, facts.cases)}
    written = split_updates.named(connection, incidents, arrival.named.updates)
    named = {(one.incident, one.number): one for one in written}
    known = next((covering[one] for one in arrival.answers if one in covering), ())
    mine = with_merged(facts.number, facts.cases) if facts.number else ()
    letter = next((one for one in known if one.incident in mine and one.covers), None)
    answered = split_updates.latest(connection, letter.incident, letter.covers or 0) if letter else None
    return replace(facts, splittable=Splittable(named, answered))


def _with_shareable(connection: Connection, facts: Facts, arrival: Arrival) -> Facts:
    numbers = about(facts.number, arrival.named.numbers, facts.cases)
    incidents = {one for number in numbers for one in with_merged(number, facts.cases)}
    found = shareable_updates.named(connection, incidents, arrival.named.updates)
    return replace(facts, shareable={(one.incident, one.number): one for one in found})
