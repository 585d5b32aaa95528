"""What is read for a batch about cover: contracts, units, admin contacts.  `domain/contract` decides what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from sitmail.domain.facts import Case, Contract, Unit
from sitmail.domain.people import Person
from sitmail.services.desk import Desk, contracts, units
from sitmail.services.hints import Hints
from sitmail.store import directory_lookup


class CoverFacts(NamedTuple):
    """As in `Facts`; `units` by the place of the mail in the batch."""

    contracts: tuple[Contract, ...]
    units: Mapping[int, tuple[Unit, ...]]
    unit_choices: tuple[Unit, ...]
    site_admins: tuple[Person, ...]


def read_cover(
    connection: Connection,
    desk: Desk,
    hints: Sequence[Hints],
    people: Mapping[str, Sequence[Person]],
    cases: Mapping[int, Case],
) -> CoverFacts:
    """`people` are those whom the mails name, by address, and `cases` the incidents they may touch."""
    sites = {person.site for found in people.values() for person in found if person.site}
    addresses = {each for found in people.values() for person in found for each in person.addresses}
    strict = any(one.route.mailbox.intake == "strict" for one in hints)
    admins = directory_lookup.site_admins(connection, sites) if strict else []
    asking = [one for one in hints if one.arrival.named.covers]  # commands that name a contract or a unit
    choices: dict[str, Unit] = {}
    if asking:
        concerned = [case for number in _numbers(asking) if (case := cases.get(number)) is not None]
        theirs = {case.incident.site for case in concerned} - {""}
        sites |= theirs
        addresses |= {each for case in concerned for party in case.parties for each in party.person.addresses}
        choices = directory_lookup.units(connection, {key for one in asking for key in one.arrival.named.units} - {""})
        choices = {**directory_lookup.units_of(connection, theirs), **choices}
    texts = {at: f"{one.arrival.mail.subject}\n{one.arrival.mail.text}" for at, one in enumerate(hints)}
    named = units(connection, desk, texts)
    covering = {one.contract for some in (*named.values(), choices.values()) for one in some} - {""}
    found = contracts(connection, desk, sites, addresses, covering)
    return CoverFacts(tuple(found), named, tuple(choices.values()), tuple(admins))


def _numbers(asking: Sequence[Hints]) -> set[int]:
    """The incidents that these mails may be about."""
    return {
        number
        for one in asking
        for number in (*one.arrival.named.numbers, *(candidate for candidate, _ in one.candidates))
    }
