"""The verbs about cover: `/contract`, `/unit`, and `/who`, which shows the sheet about a customer (S0-02, S4-05).

What a contract or a unit covers is decided in `domain/contract`, by the day on which the incident was opened.
"""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from sitmail.domain.address import addr_spec
from sitmail.domain.choices import Choice, named
from sitmail.domain.contract import Cover, Source, cover, level, level_said, refusal
from sitmail.domain.dictionary import entry
from sitmail.domain.engineer.request import Request
from sitmail.domain.facts import Contract, Site
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.opening import calendar_name
from sitmail.domain.people import Kind, Person
from sitmail.domain.pools import drawn, given_back
from sitmail.domain.sentence import Sentence, beside
from sitmail.domain.serials import serial_key
from sitmail.domain.trust import Power

NOBODY = Person(0, Kind.CONTACT, "", "", ())


def contract(request: Request, argument: str) -> str:
    """Puts the incident under a contract of its site, which must cover it."""
    request.need_open()
    mine = {one.id: one for one in request.facts.contracts if one.site and one.site == request.incident.site}
    if not mine:
        raise ValueError(Sentence("the site of this incident has no contract"))
    chosen = mine[named(argument, Sentence("contract"), [Choice(key, key) for key in mine])]
    if chosen.id == request.incident.contract:
        return Sentence("it is under contract %(contract)s already", contract=chosen.id)
    why = refusal(chosen, _contact(request), _day(request))
    if why is not None:
        raise ValueError(Sentence("it would not be covered: %(why)s", why=why.says))
    _put_under(request, chosen)
    return beside(
        Sentence("covered by contract %(contract)s", contract=chosen.id), level_said(request.incident.service_level)
    )


def unit(request: Request, argument: str) -> str:
    """Names the unit that the incident is about; if its contract or warranty covers it, that counts from now on."""
    request.need_open()
    units = {one.key: one for one in request.facts.unit_choices if one.site in ("", request.incident.site)}
    if not argument:
        raise ValueError(Sentence("which unit? write its serial number, such as /unit SN-1001"))
    found = units.get(serial_key(argument))
    if found is None:
        found = units[
            named(argument, Sentence("unit of that site"), [Choice(one.key, one.serial) for one in units.values()])
        ]
    request.incident = replace(request.incident, unit=found.serial)
    site, policy = _site(request), request.policy
    cover_ = cover(request.facts.contracts, [found], site, _contact(request), "", policy, _day(request))
    name = f"{found.serial} ({found.item})" if found.item else found.serial
    what = Sentence("unit %(unit)s", unit=name)
    if cover_.source not in (Source.UNIT_CONTRACT, Source.WARRANTY):
        why = Sentence("it has no contract or warranty of its own")
        if found.warranty_until:
            why = Sentence("its warranty ended on %(day)s", day=str(found.warranty_until))
        return beside(what, why, Sentence("what covers the incident stays as it is"))
    _put_under(request, cover_.contract, cover_)
    return beside(what, cover_.says)


def follow_type(request: Request) -> str:
    """Another type promises something else, where no contract and no warranty says what is promised; "" if not."""
    incident, policy = request.incident, request.policy
    types = policy.dictionary.request_types
    wanted, former = (entry(types, one.request_type) for one in (incident, request.case.incident))
    by_former = former is not None and former.service_level == incident.service_level
    if wanted is None or not (wanted.service_level or by_former) or incident.contract or _in_warranty(request):
        return ""
    site = _site(request)
    name = wanted.service_level or level(policy, site, _contact(request))[1]
    if name == incident.service_level:
        return ""
    calendar = calendar_name(policy, name, None, site)
    request.incident = replace(incident, service_level=name, calendar=calendar)
    request.powers.add(Power.ANSWER)  # it makes promises anew, as /contract does
    return Sentence("with it the service level is '%(level)s'", level=name)


def _in_warranty(request: Request) -> bool:
    unit = next((one for one in request.facts.unit_choices if one.serial == request.incident.unit), None)
    return unit is not None and bool(unit.warranty_until) and _day(request) <= unit.warranty_until


def who(request: Request, argument: str) -> str:
    """The sheet about whoever has that address."""
    address = addr_spec(argument.strip().strip("<>"))
    if not address:
        raise ValueError(Sentence("about whom? write an address, such as /who jane@example.com"))
    request.letters.append((NoticePurpose.SHOW, {"what": "who", "address": address}))
    return Sentence("what we know is in this email")


def _put_under(request: Request, to: Contract | None, found: Cover | None = None) -> None:
    """The incident is drawn from the new pool, and given back to the old one."""
    before, site, contact = request.incident, _site(request), _contact(request)
    if before.free or before.contract != (to.id if to else ""):
        request.draws += [*given_back(before), *drawn(to.id if to else "", before.site, free=False)]
    name = found.service_level if found else level(request.policy, site, contact, to)[1]
    request.incident = replace(
        before,
        contract=to.id if to else "",
        free=False,
        service_level=name,
        calendar=calendar_name(request.policy, name, to, site),
        product=(to.product if to else "") or before.product,
    )


def _site(request: Request) -> Site | None:
    return request.facts.sites.get(request.incident.site) or request.case.site


def _contact(request: Request) -> Person:
    if request.contact is not None:
        return request.contact
    return next((one.person for one in request.case.parties if one.role == "contact"), NOBODY)


def _day(request: Request) -> str:
    site = _site(request)
    zone = ZoneInfo((site and site.timezone) or request.policy.timezone)
    return request.case.incident.opened.astimezone(zone).date().isoformat()
