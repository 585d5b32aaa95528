"""What every service is given: the policy, the keys, the letters, and values that are kept between transactions.

A reload makes a new `Desk` from the old one; a transaction uses one from beginning to end.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select, text

from sitmail.domain import serials
from sitmail.domain.absence import Absence
from sitmail.domain.article_offers import OfferIndex
from sitmail.domain.facts import Contract, Site, Unit
from sitmail.domain.incident import Status
from sitmail.domain.letter_limits import HOUR, CountedAs
from sitmail.domain.openings import Openings
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.prepaid import REFUSE
from sitmail.domain.record import record
from sitmail.domain.solved import SolvedTitles
from sitmail.domain.storm import Storm
from sitmail.domain.trust import Keys
from sitmail.domain.watch import Watches
from sitmail.reading.parse import Reading
from sitmail.sending.letters.templates import Letters
from sitmail.store import absences, directory_lookup, prepaid
from sitmail.store import outbox as letters
from sitmail.store.blobs import BlobStore
from sitmail.store.schema import generation, incident, outbox


class Mornings(NamedTuple):
    """When a morning paper is due next, as it was found at `asked` under that policy, with those away."""

    policy: Policy
    away: tuple[Absence, ...]
    asked: datetime
    next: datetime | None

    def holds(self, policy: Policy, away: tuple[Absence, ...], now: datetime) -> bool:
        """Whether nothing is due until then, because nothing has changed since, the clock included."""
        same = self.policy is policy and self.away is away and self.asked <= now
        return same and (self.next is None or now < self.next)


REMEMBERED_SITES = 1_000
Recent = defaultdict[CountedAs, deque[datetime]]  # when letters were made, the oldest first, by what they count as


@dataclass
class Memory:
    """Small tables of the store, kept in memory.  The writer keeps them in step; a rollback empties them."""

    staff: dict[str, Person] | None = None
    load: dict[str, int] | None = None  # open incidents by owner
    away: tuple[Absence, ...] | None = None  # those that are not over
    declared_absences: str = ""  # the digest of the configuration whose absences the store has
    blocks: frozenset[str] | None = None  # addresses and @domains that engineers blocked by mail
    generations: dict[tuple[int, int], int] | None = None  # (person, incident) -> tokens given away
    outside: Recent | None = None  # automatic letters to people outside, of the last minute
    to_staff: dict[int, Recent] = field(default_factory=dict)  # letters to engineers that limits count, of late
    sites: dict[str, Site | None] = field(default_factory=dict)  # of late; a reload or an import forgets them
    any_contract: bool | None = None  # whether there is one at all; most desks have none
    any_unit: bool | None = None
    any_service: bool | None = None

    solved: SolvedTitles | None = None  # titles of incidents that were solved of late, as they were read at
    solved_read: datetime | None = None
    solved_looked: datetime | None = None  # when those were read again that were closed or opened meanwhile

    watches: Watches | None = None  # who watches which site, contact or contract, as it was read at
    watches_read: datetime | None = None

    openings: Openings | None = None  # how often words stood in titles of late
    storms: list[Storm] | None = None  # of the last day, as they were read at
    storms_read: datetime | None = None
    storm_grew: dict[int, int] = field(default_factory=dict)  # by storm: how many came since its lead was told

    reports: tuple[Policy, datetime, datetime | None] | None = None  # under that policy, asked when: the next is due

    mornings: Mornings | None = None  # when a morning paper is due next

    offers: OfferIndex | None = None  # the public articles by their words

    reading: Reading | None = None  # what the parser must know of the policy

    disowned: dict[int, datetime] = field(default_factory=dict)  # mails in our name that DMARC disowns, of late

    rollbacks: int = 0  # of the writer when this was last in step

    def trust_until_rollback(self, rollbacks: int) -> None:
        """Forgets everything if a transaction was rolled back since, because its changes here must not stay."""
        if rollbacks != self.rollbacks:
            self.forget()
            self.rollbacks = rollbacks

    def forget(self) -> None:
        self.staff = self.load = self.away = self.blocks = self.generations = self.outside = self.solved = None
        self.to_staff, self.sites, self.storms, self.mornings, self.reports = {}, {}, None, None, None
        self.watches = None
        self.declared_absences, self.offers = "", None
        self.any_contract = self.any_unit = self.any_service = None


@record
class Desk:
    policy: Policy
    keys: Keys
    epoch: str
    letters: Letters
    blobs: BlobStore | None = None
    memory: Memory = field(default_factory=Memory)


def staff(connection: Connection, desk: Desk) -> Mapping[str, Person]:
    """Every engineer of the configuration, as a person of the store."""
    if desk.memory.staff is None:
        desk.memory.staff = {
            key: person for key, person in directory_lookup.staff(connection).items() if key in desk.policy.engineers
        }
    return desk.memory.staff


def sites(connection: Connection, desk: Desk, ids: Collection[str]) -> dict[str, Site]:
    """Sites by id.  A mail changes nothing of them but how many free incidents are used, so those are read afresh."""
    held = desk.memory.sites
    missing = [one for one in ids if one not in held]
    if not missing:
        return {one: found for one in ids if (found := held[one]) is not None}
    read = directory_lookup.sites(connection, missing)
    if len(held) + len(missing) > REMEMBERED_SITES:
        held.clear()
    held.update({one: found for one in missing if (found := read.get(one)) is None or not found.free_incidents})
    known = {one: found for one in ids if (found := held.get(one)) is not None}
    return known | read


def contracts(
    connection: Connection, desk: Desk, sites: Collection[str], addresses: Collection[str], ids: Collection[str]
) -> list[Contract]:
    """The contracts of these sites and of these ids, with those of the addresses that they name."""
    if desk.memory.any_contract is None:
        desk.memory.any_contract = directory_lookup.any_contract(connection)
    if not desk.memory.any_contract:
        return []
    found = directory_lookup.contracts(connection, sites, addresses, ids)
    if not found or desk.policy.prepaid.overdraft != REFUSE or not any_service(connection, desk):
        return found
    services = prepaid.of_contracts(connection, [one.id for one in found])
    return [replace(one, prepaid=tuple(each for each in services if each.contract == one.id)) for one in found]


def any_service(connection: Connection, desk: Desk) -> bool:
    """Whether there are prepaid services at all; most desks have none."""
    if desk.memory.any_service is None:
        desk.memory.any_service = prepaid.any_service(connection)
    return desk.memory.any_service


def units(connection: Connection, desk: Desk, texts: Mapping[int, str]) -> dict[int, tuple[Unit, ...]]:
    """The units whose serial numbers these texts may name, each text's in its order."""
    if desk.memory.any_unit is None:
        desk.memory.any_unit = directory_lookup.any_unit(connection)
    if not desk.memory.any_unit:
        return {}
    keys = {at: serials.candidates(text) for at, text in texts.items()}
    found = directory_lookup.units(connection, {key for some in keys.values() for key in some})
    return {at: tuple([found[key] for key in some if key in found]) for at, some in keys.items()}


def load(connection: Connection, desk: Desk) -> dict[str, int]:
    """How many open incidents each engineer owns."""
    if desk.memory.load is None:
        counted = connection.execute(
            select(incident.c.owner, func.count())
            .where(incident.c.status != Status.CLOSED, incident.c.owner != "")
            .group_by(incident.c.owner)
        )
        desk.memory.load = {str(owner): int(number) for owner, number in counted}
    return desk.memory.load


def away(connection: Connection, desk: Desk) -> tuple[Absence, ...]:
    """The absences that are not over yet, or of which not everything was given back; those to come, too."""
    if desk.memory.away is None:
        desk.memory.away = absences.open_absences(connection)
    return desk.memory.away


def generations(connection: Connection, desk: Desk) -> dict[tuple[int, int], int]:
    """(person, incident) -> how often the person's tokens for it were voided, which changes the tokens that prove."""
    if desk.memory.generations is None:
        rows = connection.execute(select(generation.c.person, generation.c.incident, generation.c.number))
        desk.memory.generations = {(person, number): times for person, number, times in rows}
    return desk.memory.generations


# As text, because only then both databases recognise the condition of their partial index.
LIMITED = text("outbox.automatic AND outbox.outside")


def letters_of_last_minute(connection: Connection, desk: Desk, now: datetime) -> Recent:
    """The automatic letters of the last minute to people outside."""
    since = now - timedelta(minutes=1)
    if desk.memory.outside is None:
        query = select(outbox.c.made, outbox.c.counted).where(outbox.c.made > since, LIMITED).order_by(outbox.c.made)
        desk.memory.outside = defaultdict(deque)
        for made, counted in connection.execute(query):
            desk.memory.outside[CountedAs(counted)].append(made)
    for moments in desk.memory.outside.values():
        _forget_until(moments, since, now)
    return desk.memory.outside


def letters_to_staff(connection: Connection, desk: Desk, persons: Collection[int], now: datetime) -> dict[int, Recent]:
    """The letters to these engineers that count for folding and digests, as far back as those look."""
    held = desk.memory.to_staff
    missing = [one for one in persons if one not in held]
    if missing:
        held.update((one, defaultdict(deque)) for one in missing)
        since = now - max(_lookback(desk, kind) for kind in CountedAs)
        for person, made, counted in letters.counted_since(connection, missing, since):
            held[person][CountedAs(counted)].append(made)
    found = {one: held[one] for one in persons}
    for recent in found.values():
        _forget_old(desk, recent, now)
    return found


def remember_letters(desk: Desk, rows: Iterable[Mapping[str, Any]]) -> None:
    """Adds rows of the outbox that were just made to what is kept in memory."""
    held = desk.memory.to_staff
    for row in rows:
        if row["counted"] and row["person"] in held:
            held[row["person"]][CountedAs(row["counted"])].append(row["made"])
            _forget_old(desk, held[row["person"]], row["made"])


def _lookback(desk: Desk, kind: CountedAs) -> timedelta:
    """For how long a letter to an engineer counts."""
    return HOUR if kind is CountedAs.LATE else timedelta(seconds=desk.policy.limits.fold_within)


def _forget_old(desk: Desk, recent: Recent, now: datetime) -> None:
    for kind, moments in recent.items():
        _forget_until(moments, now - _lookback(desk, kind), now)


def _forget_until(moments: deque[datetime], since: datetime, now: datetime) -> None:
    """What the clock has not reached, because it was set back, counts as of now: else it would count for as long."""
    if moments and max(moments[0], moments[-1]) > now:
        some = [min(one, now) for one in moments]
        moments.clear()
        moments.extend(some)
    while moments and moments[0] <= since:
        moments.popleft()
