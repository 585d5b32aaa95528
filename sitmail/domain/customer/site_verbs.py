"""What an admin contact's `/contacts`, `/allow`, `/remove` and `/visibility` ask of his site: one small function each.

A line is about his own site and its contracts alone; others are nowhere, for him.  People of the site's own domains he
allows himself; about others the account manager is asked (`site_admin`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sitmail.domain.address import addr_spec
from sitmail.domain.choices import Choice, named
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.directory_effects import ChangeDirectory, NameContact
from sitmail.domain.effects import Effect, Know, Meet, Remember
from sitmail.domain.facts import OwnSite, SiteContract
from sitmail.domain.figures.periods import period
from sitmail.domain.joining import no_reader
from sitmail.domain.people import Kind, Person
from sitmail.domain.sentence import Sentence, beside
from sitmail.domain.trust import same_site

WHOM = Sentence("whose address? Write it behind the line, such as /allow jane@example.com")
HOW = Sentence("write the address behind it, such as /allow jane@example.com, or /allow jane@example.com on acme-1")
VISIBILITIES = ("nobody", "named", "all")
_ON = re.compile(r"\s+(?:on|auf|für|sur|pour)\s+", re.IGNORECASE)
MEANS: Mapping[str, Sentence] = {
    "nobody": Sentence("everybody reads their own incidents only"),
    "named": Sentence("the people it names read each other's incidents"),
    "all": Sentence("everybody of the site reads all of its incidents"),
}


@dataclass
class SiteRequest:
    """`contracts` are as the lines read so far change them; `outsiders` are for the account manager to allow."""

    builder: DecisionBuilder
    own: OwnSite
    admin: Person
    contracts: dict[str, SiteContract] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    outsiders: list[str] = field(default_factory=list)
    came: list[Person] = field(default_factory=list)
    gone: list[Person] = field(default_factory=list)
    shows: bool = False
    reports: list[str] = field(default_factory=list)  # periods

    def __post_init__(self) -> None:
        self.contracts = {one.id: one for one in self.own.contracts}

    @property
    def approved(self) -> bool:
        release = self.builder.facts.release
        return release is not None and release.approved

    def contract(self, word: str) -> SiteContract:
        """The one that he names.  Raises ValueError with a sentence."""
        choices = [Choice(one, one) for one in self.contracts]
        return self.contracts[named(word, Sentence("contract"), choices)]

    def put(self, contract: SiteContract) -> None:
        self.contracts[contract.id] = contract

    def people(self) -> list[Person]:
        """Those of the site, as the lines leave them."""
        left = {one.key for one in self.gone}
        return [one for one in (*self.own.contacts, *self.came) if one.key not in left]


def contacts(request: SiteRequest, _argument: str) -> str:
    request.shows = True
    return ""


def report(request: SiteRequest, argument: str) -> str:
    """The service report about the site.  Raises ValueError with a sentence."""
    zone = request.admin.timezone or request.builder.policy.timezone
    span = period(argument.strip() or "lastmonth", request.builder.now, zone)
    request.reports.append(f"{span.first}..{span.last}")
    return ""


def allow(request: SiteRequest, argument: str) -> str:
    """Makes somebody a contact of the site, named in its contract if that names people."""
    address, on = _address(argument)
    person = request.builder.facts.known.get(address) or request.own.former.get(address)
    site, policy = request.own.site, request.builder.policy
    if (person is not None and person.staff) or any(address in one.addresses for one in policy.engineers.values()):
        raise ValueError(Sentence("%(address)s is one of us", address=address))
    if why := no_reader(address, person, policy):
        raise ValueError(Sentence("%(address)s cannot be allowed: %(why)s", address=address, why=why))
    of_site = person is not None and person.site == site.id
    if not of_site and not same_site(address, request.admin.address, site.domains, policy.trust.free_mail):
        request.outsiders.append(address)
    if person is not None and person.site not in ("", site.id) and (request.approved or not request.outsiders):
        raise ValueError(Sentence("%(address)s cannot be moved to your site by email; please ask us", address=address))
    contract = _to_be_named_in(request, on)
    says = [_let_in(request, address, person)]
    if contract is not None:
        says.append(_name(request, contract, address, person))
    elif on:
        says.append(Sentence("contract %(contract)s covers everybody of your site", contract=on))
    return beside(*(dict.fromkeys(one for one in says if one)))


def remove(request: SiteRequest, argument: str) -> str:
    """Takes somebody off the contracts that name him; where no contract is said, off the site as well."""
    address, on = _address(argument)
    known = request.builder.facts.known.get(address)
    person = known if known is not None and known.site == request.own.site.id else None
    theirs = set(person.addresses) if person is not None else {address}
    if not theirs.isdisjoint(request.admin.addresses):
        raise ValueError(Sentence("you are an admin contact yourself; please ask us to take you off"))
    if person is not None and person.role == "admin":
        raise ValueError(Sentence("%(address)s is an admin contact, too; please ask us", address=address))
    wanted = [request.contract(on)] if on else list(request.contracts.values())
    naming = [one for one in wanted if not theirs.isdisjoint(one.contacts)]
    if on and not naming:
        raise ValueError(_not_named(wanted[0], address))
    if person is None and not naming:
        raise ValueError(Sentence("%(address)s is no contact of your site", address=address))
    for one in naming:
        gone = [each for each in one.contacts if each in theirs]
        request.effects += [NameContact(one.id, each, request.admin.key, undo=True) for each in gone]
        request.put(replace(one, contacts=tuple(each for each in one.contacts if each not in theirs)))
    if on:
        return Sentence("contract %(contract)s covers %(address)s no more", contract=naming[0].id, address=address)
    if person is not None:
        request.effects.append(ChangeDirectory("contact", person.key, "retired", value=True, by=request.admin.key))
        request.gone.append(person)
    return Sentence("%(address)s is no contact of your site any more", address=address)


def visibility(request: SiteRequest, argument: str) -> str:
    """Says for a contract, or for all of them, who reads what others of the site wrote."""
    word, _, on = _parted(argument)
    chosen = named(word, Sentence("visibility"), [Choice(one, one) for one in VISIBILITIES])
    wanted = [request.contract(on)] if on else list(request.contracts.values())
    if not wanted:
        raise ValueError(Sentence("your site has no contract"))
    for one in wanted:
        if one.visibility != chosen:
            change = ChangeDirectory("contract", one.id, "visibility", chosen, request.admin.key)
            request.effects.append(change)
            request.put(replace(one, visibility=chosen))
    contracts = ", ".join(one.id for one in wanted)
    return Sentence("%(contract)s: %(means)s", contract=contracts, means=MEANS[chosen])


HANDLERS: Mapping[str, Callable[[SiteRequest, str], str]] = {
    "contacts": contacts,
    "report": report,
    "allow": allow,
    "remove": remove,
    "visibility": visibility,
}


# --- parts of these


def _parted(argument: str) -> tuple[str, str, str]:
    what, *rest = _ON.split(f" {argument.strip()}", maxsplit=1)
    return what.strip(), "on" if rest else "", rest[0].strip() if rest else ""


def _address(argument: str) -> tuple[str, str]:
    """The address and the contract of a line.  Raises ValueError with a sentence."""
    word, _, on = _parted(argument)
    if not word:
        raise ValueError(WHOM)
    address = addr_spec(word.strip("<>"))
    if not address:
        raise ValueError(HOW)
    return address, on


def _to_be_named_in(request: SiteRequest, on: str) -> SiteContract | None:
    """The contract that names people, and is to name one more; None where none has to."""
    if on:
        found = request.contract(on)
        return None if found.everybody else found
    today = request.builder.now.date().isoformat()
    naming = [one for one in request.contracts.values() if not one.everybody and (one.last_day or today) >= today]
    if len(naming) > 1:
        contracts = ", ".join(one.id for one in naming)
        raise ValueError(
            Sentence("for which contract? Write on and its name behind it: %(contracts)s", contracts=contracts)
        )
    return naming[0] if naming else None


def _let_in(request: SiteRequest, address: str, person: Person | None) -> str:
    """Makes somebody a contact of the site, who is none."""
    site = request.own.site
    if person is not None and person.site == site.id and address not in request.own.former:
        return Sentence("%(address)s is a contact of your site already", address=address)
    if any(address in one.addresses for one in request.came):
        return ""
    if person is None:
        person = Person(0, Kind.STRANGER, address, "", (address,))
        request.effects.append(Meet(address, "", known=True))
    if person.key in [one.key for one in request.own.former.values()]:
        request.effects.append(ChangeDirectory("contact", person.key, "retired", value=False, by=request.admin.key))
    if person.kind is Kind.STRANGER:
        request.effects += [*([Know(person)] if person.id else []), Remember(address, site.id)]
    request.came.append(replace(person, site=site.id))
    return Sentence("%(address)s is a contact of your site from now on", address=address)


def _name(request: SiteRequest, contract: SiteContract, address: str, person: Person | None) -> str:
    theirs = {address, *(person.addresses if person is not None else ())}
    if not theirs.isdisjoint(contract.contacts):
        return Sentence("contract %(contract)s covers %(address)s already", contract=contract.id, address=address)
    if contract.named_max is not None and len(contract.contacts) >= contract.named_max:
        raise ValueError(
            Sentence(
                "contract %(contract)s may name %(count)s people and names as many; /remove one of them first",
                contract=contract.id,
                count=contract.named_max,
            )
        )
    request.effects.append(NameContact(contract.id, address, request.admin.key))
    request.put(replace(contract, contacts=tuple(sorted([*contract.contacts, address]))))
    return Sentence("contract %(contract)s covers %(address)s", contract=contract.id, address=address)


def _not_named(contract: SiteContract, address: str) -> str:
    if contract.everybody:
        return Sentence("contract %(contract)s covers everybody of your site", contract=contract.id)
    return Sentence("contract %(contract)s does not name %(address)s", contract=contract.id, address=address)
