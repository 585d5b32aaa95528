"""What came after the letter that an engineer answers: whether his answer crosses it is decided in the domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from sitmail.domain.engineer.crossing import sends
from sitmail.domain.facts import Case, Facts
from sitmail.domain.later_updates import Later, Returned
from sitmail.domain.links import of_kind
from sitmail.domain.merging import about, with_merged
from sitmail.services.gather_storms import children_of_storm
from sitmail.services.hints import Arrival
from sitmail.store import updates_log
from sitmail.store.incidents import Covering
from sitmail.store.updates_log import Entered


def with_later(
    connection: Connection, facts: Facts, arrival: Arrival, covering: Mapping[str, Sequence[Covering]]
) -> Facts:
    """The facts with later updates of the incidents it may answer, and with the mail that `send` releases.

    Nothing is read where nothing came after the letter, as in most conversations.
    """
    answered = next((covering[one] for one in arrival.answers if one in covering), ())
    if not answered:
        return facts
    named = about(facts.number, arrival.named.numbers, facts.cases)
    numbers = named | {child for number in named for child in children_of_storm(facts, number)}
    later = {number: _later(connection, facts, facts.cases[number], answered) for number in numbers}
    returned = None
    covers = next((one.covers for one in answered if one.incident == facts.number and one.covers), None)
    if covers and sends(arrival.mail.new_text):
        found = updates_log.returned(connection, facts.number, covers)
        returned = Returned(*found) if found else None
    return replace(facts, later={number: found for number, found in later.items() if found}, returned=returned)


def _later(connection: Connection, facts: Facts, case: Case, answered: Sequence[Covering]) -> tuple[Later, ...]:
    incident = case.incident
    merged = with_merged(incident.number, facts.cases)[1:]  # a letter about these told nothing of what came since
    parents = of_kind(case.links, incident.number, "parent")  # what is said there reaches it
    for one in answered:
        if one.incident == incident.number and one.covers is not None:
            if one.covers >= incident.updates:
                return ()
            entries = updates_log.later(connection, incident.number, one.covers)
            return tuple(_seen(entry, facts, case) for entry in entries)
        elsewhere = not one.incident or one.incident in (*merged, *parents)
        if elsewhere and incident.updated > one.at:
            return tuple(_seen(entry, facts, case) for entry in updates_log.since(connection, incident.number, one.at))
    return ()


def _seen(entry: Entered, facts: Facts, case: Case) -> Later:
    people = [*facts.staff.values(), *(party.person for party in case.parties)]
    author = next((person for person in people if person.id == entry.author), None)
    before, after = entry.change.get("owner", ("", ""))
    return Later(
        number=entry.number,
        event=entry.event,
        leg=entry.leg,
        direction=entry.direction,
        author=entry.author or 0,
        name=(author.name or author.address) if author else entry.actor or "somebody",
        text=entry.text,
        proof=entry.proof,
        rule=entry.rule,
        owners=(before or "", after or "") if before != after else None,
    )
