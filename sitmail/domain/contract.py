"""Entitlement: what covers a new incident, or the true reason why nothing does (behaviour 5).

Pure: the contracts, units and sites come from the directory, the day from the caller.  Who is then held, and who is
told, is decided in `domain/refused_cover`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from sitmail.domain.endings import HeldReason
from sitmail.domain.facts import Contract, Site, Unit
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.prepaid import used_up
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence, beside

LOW = 0.2  # of a pool, or of prepaid time: what is left when its account manager is told


class Source(StrEnum):
    """What covers an incident, or gives it its service level: the first of these that is there."""

    UNIT_CONTRACT = "unit-contract"
    WARRANTY = "warranty"
    CONTRACT = "contract"
    SITE = "site"
    GROUP = "group"
    DEFAULT = "default"


COVERING = frozenset({Source.UNIT_CONTRACT, Source.WARRANTY, Source.CONTRACT})


@record
class Refusal:
    """Why a contract does not cover an incident; `day` is the one that the reason is about, ISO."""

    reason: HeldReason
    contract: Contract | None = None
    day: str = ""
    prepaid: bool = False  # nothing is left of what was paid before

    @property
    def says(self) -> str:
        """The end of a sentence for staff."""
        if self.contract is None:
            return Sentence("there is no contract")
        name, day = self.contract.id, self.day
        if self.reason is HeldReason.EXPIRED:
            return Sentence("contract %(contract)s ended on %(day)s", contract=name, day=day)
        if self.prepaid:
            return Sentence("all that is prepaid under contract %(contract)s is used up", contract=name)
        if self.reason is HeldReason.USED_UP:
            count = self.contract.incidents or 0
            return Sentence("all %(count)s incidents of contract %(contract)s are used up", count=count, contract=name)
        if self.reason is HeldReason.UNNAMED_CONTACT:
            return Sentence("contract %(contract)s covers named contacts only", contract=name)
        return Sentence("contract %(contract)s begins on %(day)s", contract=name, day=day)


@record
class Cover:
    """What covers an incident.  `free`: it is one of the site's free ones.  `refusal`: why no contract covers it."""

    source: Source
    service_level: str
    contract: Contract | None = None
    unit: Unit | None = None
    free: bool = False
    refusal: Refusal | None = None
    group: str = ""

    @property
    def covered(self) -> bool:
        return self.source in COVERING or self.free

    @property
    def says(self) -> str:
        """For `/why`; "" where there is nothing to say."""
        level = level_said(self.service_level)
        contract, unit = self.contract.id if self.contract else "", self.unit.serial if self.unit else ""
        if self.source is Source.UNIT_CONTRACT:
            said = Sentence("covered by contract %(contract)s of unit %(unit)s", contract=contract, unit=unit)
            return beside(said, level)
        if self.source is Source.WARRANTY and self.unit:
            day = str(self.unit.warranty_until)
            return beside(Sentence("unit %(unit)s is in warranty until %(day)s", unit=unit, day=day), level)
        if self.source is Source.CONTRACT:
            return beside(Sentence("covered by contract %(contract)s", contract=contract), level)
        why = f"{self.refusal.says}; " if self.refusal and self.refusal.contract else ""
        if self.free:
            return f"{why}a free incident of the site; {level}"
        if self.source is Source.GROUP:
            return f"{why}{level} of group {self.group}"
        if self.source is Source.SITE:
            return f"{why}{level} of the site"
        return f"{why}{level}, the default one" if why else ""


def level_said(name: str) -> Sentence:
    return Sentence("service level %(level)s", level=name) if name else Sentence("no service level")


def cover(
    contracts: Sequence[Contract],
    units: Sequence[Unit],
    site: Site | None,
    contact: Person,
    product: str,
    policy: Policy,
    day: str,
) -> Cover:
    """What covers an incident of that contact on that day (ISO), of that product ("": any).

    The first of: the contract of a unit that it names, the unit's warranty, a contract of the contact's site, the
    site's free incidents.  A unit counts for people of its site, and if it has no site for everybody.
    """
    mine = [one for one in units if one.site in ("", contact.site)]
    refused: list[Refusal] = []
    for unit in mine:
        for one in (each for each in contracts if each.id == unit.contract):
            why = refusal(one, contact, day)
            if why is None:
                return Cover(Source.UNIT_CONTRACT, level(policy, site, contact, one)[1], one, unit)
            refused.append(why)
    for unit in mine:
        if unit.warranty_until and day <= unit.warranty_until:
            return Cover(Source.WARRANTY, level(policy, site, contact)[1], None, unit)
    named = mine[0] if mine else None
    found, why_not = _of_site(contracts, contact, product, day)
    if found is not None:
        return Cover(Source.CONTRACT, level(policy, site, contact, found)[1], found, named)
    refused += why_not
    nearest = min(refused, key=lambda one: _NEAREST.index(one.reason), default=Refusal(HeldReason.NOT_ENTITLED))
    source, name, group = level(policy, site, contact)
    free = site is not None and site.free_used < site.free_incidents
    return Cover(source, name, None, named, free, nearest, group)


def _of_site(
    contracts: Iterable[Contract], contact: Person, product: str, day: str
) -> tuple[Contract | None, list[Refusal]]:
    """The contract of the contact's site that covers him: the product's first, then one that names him."""
    refused: list[Refusal] = []
    fitting = [one for one in contracts if contact.site and one.site == contact.site]
    fitting.sort(key=lambda one: (one.product != product or not product, one.everybody, one.id))
    for one in fitting:
        why = refusal(one, contact, day)
        if why is None:
            return one, refused
        refused.append(why)
    return None, refused


# The reason that is told where several contracts are there: of the one that came nearest to covering it.
_NEAREST = (HeldReason.USED_UP, HeldReason.UNNAMED_CONTACT, HeldReason.EXPIRED, HeldReason.NOT_ENTITLED)


def refusal(contract: Contract, contact: Person, day: str) -> Refusal | None:
    """Why this contract does not cover an incident of that contact on that day; None: it does."""
    if contract.last_day and contract.last_day < day:
        return Refusal(HeldReason.EXPIRED, contract, contract.last_day)
    if contract.starts > day:
        return Refusal(HeldReason.NOT_ENTITLED, contract, contract.starts)
    if not contract.everybody and set(contract.contacts).isdisjoint(contact.addresses):
        return Refusal(HeldReason.UNNAMED_CONTACT, contract)
    if contract.incidents is not None and contract.used >= contract.incidents:
        return Refusal(HeldReason.USED_UP, contract)
    if used_up(contract.prepaid, day):
        return Refusal(HeldReason.USED_UP, contract, prepaid=True)
    return None


def level(
    policy: Policy, site: Site | None, contact: Person, contract: Contract | None = None
) -> tuple[Source, str, str]:
    """(where it comes from, service level, group): of the contract, else the site, else a group, else the default."""
    if contract is not None and contract.service_level in policy.service_levels:
        return Source.CONTRACT, contract.service_level, ""
    if site is not None and site.service_level in policy.service_levels:
        return Source.SITE, site.service_level, ""
    group = next((one for one in policy.groups if one.holds(contact.addresses, contact.site)), None)
    if group is not None and group.service_level in policy.service_levels:
        return Source.GROUP, group.service_level, group.id
    return Source.DEFAULT, policy.service_level, ""
