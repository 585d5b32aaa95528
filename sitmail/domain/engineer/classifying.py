"""The verbs that sort an incident by the codes of the dictionary: type, reason, severity, product, fields, tags.

Each is a small function as in `engineer/verbs`: it changes the request, and returns the sentence for its author.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from sitmail.domain.address import addr_spec
from sitmail.domain.assignment import reassigned
from sitmail.domain.dictionary import (
    MAX_FIELDS,
    MAX_TAG,
    MAX_TAGS,
    MAX_VALUE,
    Dictionary,
    Field,
    entry,
    pick,
    pick_specific,
)
from sitmail.domain.engineer.request import Request
from sitmail.domain.engineer.verbs import give_to, participant_power
from sitmail.domain.people import Kind, Person
from sitmail.domain.trust import Power

REFERENCE = "reference"  # the field that holds the customer's own number for it


def request_type(request: Request, argument: str) -> str:
    request.need_open()
    said = _code(request, "request_type", pick(_codes(request).request_types, "request type", argument))
    return said + _routed(request)


def reason(request: Request, argument: str) -> str:
    request.need_open()
    said = _code(request, "reason", pick_specific(_codes(request).reasons, "reason", argument))
    return said + _routed(request)


def _routed(request: Request) -> str:
    """A route by type or reason, or the type's own owner or team, gets it, unless a line above says who has it."""
    contact = next((one.person for one in request.case.parties if one.role == "contact"), None)
    if request.given or contact is None:
        return ""
    found = reassigned(request.incident, request.policy, request.facts, request.case.site, contact)
    if found is None or (found.team, found.owner) == (request.incident.team, request.incident.owner):
        return ""
    give_to(request, found.owner)
    request.incident = replace(request.incident, team=found.team)
    request.given = False  # by a rule, which a line below may overrule
    request.powers.add(Power.ANSWER)
    name = request.policy.engineers[found.owner].name
    return f"; by {found.says} {name} is the owner"


def product(request: Request, argument: str) -> str:
    request.need_open()
    return _code(request, "product", pick(_codes(request).products, "product", argument))


def severity(request: Request, argument: str) -> str:
    request.need_open()
    said = _code(request, "severity", pick(_codes(request).severities, "severity", argument))
    before = request.incident.priority
    after = _codes(request).within(request.incident.severity, before, request.policy.priorities)
    if after == before:
        return said
    request.incident = replace(request.incident, priority=after)
    return f"{said}; with it the priority is {after!r}"


def field(request: Request, argument: str) -> str:
    """`/field K=V`; `/field K=` takes the value away."""
    request.need_open()
    key, sign, value = (part.strip() for part in argument.partition("="))
    if not key or not sign:
        raise ValueError("write a field and its value, such as /field version=7.2")
    if len(value) > MAX_VALUE:
        raise ValueError(f"a value has at most {MAX_VALUE} characters")
    if key.lower() == REFERENCE and entry(_codes(request).fields, REFERENCE) is None:
        request.incident = replace(request.incident, customer_reference=value)
        return f"the customer's reference is {value!r}" if value else "there is no reference of the customer any more"
    found = _declared(_codes(request), key)
    value = found.checked(value) if value else ""
    others = {name: one for name, one in request.incident.fields.items() if name != found.id}
    if value and len(others) >= MAX_FIELDS:
        raise ValueError(f"an incident has at most {MAX_FIELDS} fields")
    request.incident = replace(request.incident, fields=others | ({found.id: value} if value else {}))
    return f"{found.name} is {value!r}" if value else f"{found.name} is empty"


def _declared(codes: Dictionary, key: str) -> Field:
    if not codes.fields:
        raise ValueError(f"this desk has no field but {REFERENCE!r}; the administrator can declare them")
    return next(one for one in codes.fields if one.id == pick(codes.fields, "field", key))


def tag(request: Request, argument: str) -> str:
    """`/tag word` puts a tag on, `/tag -word` takes it off; also on a closed incident."""
    words = [word.strip(",#").lower() for word in argument.split() if word.strip(",#")]
    if not words:
        raise ValueError("which tag? write a word behind it, such as /tag spring-fair; with a minus it is taken off")
    tags = list(request.incident.tags)
    for word in words:
        name = word.lstrip("-")
        if not re.fullmatch(r"[\w.-]+", name) or len(name) > MAX_TAG:
            raise ValueError(f"{word!r} is no tag: letters, digits, - and ., at most {MAX_TAG} of them")
        if word.startswith("-"):
            if name not in tags:
                raise ValueError(f"there is no tag {name!r} on it")
            tags.remove(name)
        elif name not in tags:
            tags.append(name)
    if len(tags) > MAX_TAGS:
        raise ValueError(f"an incident has at most {MAX_TAGS} tags")
    request.incident = replace(request.incident, tags=tuple(tags))
    return f"its tags are {', '.join(tags)}" if tags else "it has no tags"


def contact(request: Request, argument: str) -> str:
    """Puts the reporter right; who was it before stays as a participant."""
    request.need_open()
    address = addr_spec(argument.strip().strip("<>"))
    if not address:
        raise ValueError("write the address of the contact, such as /contact jane@example.com")
    present = next((one.person for one in request.case.parties if address in one.person.addresses), None)
    if present is not None and present.id == request.incident.contact:
        raise ValueError(f"{address} is the contact already")
    if any(address in one.addresses for one in request.policy.engineers.values()):
        raise ValueError(f"{address} is a colleague; a contact is somebody we serve")
    person = present if present is not None and not present.staff else request.facts.known.get(address)
    person = person or Person(0, Kind.CONTACT, address, "", (address,))
    request.powers.add(participant_power(request, person, address))
    request.contact = person
    if person.site and person.site != request.incident.site:
        request.incident = replace(request.incident, site=person.site)
    former = next((one.person for one in request.case.parties if one.role == "contact"), None)
    stays = f"; {former.name or former.address} stays as a participant" if former else ""
    return f"{person.name or address} is the contact{stays}"


def _code(request: Request, name: str, value: str) -> str:
    request.incident = request.incident.having(**{name: value})
    return f"the {name.replace('_', ' ')} is {_codes(request).shown(name, value)!r}"


def _codes(request: Request) -> Dictionary:
    return request.policy.dictionary


CLASSIFYING: Mapping[str, Callable[[Request, str], str]] = {
    "type": request_type,
    "reason": reason,
    "severity": severity,
    "product": product,
    "field": field,
    "tag": tag,
    "contact": contact,
}
