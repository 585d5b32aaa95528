"""The verbs that sort an incident by the codes of the dictionary: type, reason, severity, product, fields, tags.

Each is a small function as in `engineer/verbs`: it changes the request, and returns the sentence for its author.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from sitmail.domain import corrections
from sitmail.domain.address import addr_spec
from sitmail.domain.assignment import reassigned
from sitmail.domain.decision_builder import DecisionBuilder
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
from sitmail.domain.directory_effects import MergeContacts
from sitmail.domain.effects import Know, Meet, PutRight
from sitmail.domain.engineer.cover_verbs import follow_type
from sitmail.domain.engineer.request import Request
from sitmail.domain.engineer.verbs import give_to, participant_power
from sitmail.domain.merging_contacts import two_addresses, unmergeable
from sitmail.domain.people import Kind, Person
from sitmail.domain.pools import given_back
from sitmail.domain.sentence import Sentence, beside
from sitmail.domain.shown_changes import NAMES
from sitmail.domain.trust import Power

REFERENCE = "reference"  # the field that holds the customer's own number for it
WHICH_INCIDENT = Sentence("for which incident? write its number first, as in 12: /contact jane@example.com")
WHICH_TAG = Sentence("which tag? write a word behind it, such as /tag spring-fair; with a minus it is taken off")


def request_type(request: Request, argument: str) -> str:
    request.need_open()
    said = _code(request, "request_type", pick(_codes(request).request_types, Sentence("request type"), argument))
    return beside(said, follow_type(request), _routed(request))


def reason(request: Request, argument: str) -> str:
    request.need_open()
    said = _code(request, "reason", pick_specific(_codes(request).reasons, Sentence("reason"), argument))
    return beside(said, _routed(request))


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
    return Sentence("by %(rule)s %(name)s is the owner", rule=found.says, name=name)


def product(request: Request, argument: str) -> str:
    request.need_open()
    return _code(request, "product", pick(_codes(request).products, Sentence("product"), argument))


def severity(request: Request, argument: str) -> str:
    request.need_open()
    said = _code(request, "severity", pick(_codes(request).severities, Sentence("severity"), argument))
    before = request.incident.priority
    after = _codes(request).within(request.incident.severity, before, request.policy.priorities)
    if after == before:
        return said
    request.incident = replace(request.incident, priority=after)
    return beside(said, Sentence("with it the priority is '%(priority)s'", priority=after))


def field(request: Request, argument: str) -> str:
    """`/field K=V`; `/field K=` takes the value away."""
    request.need_open()
    key, sign, value = (part.strip() for part in argument.partition("="))
    if not key or not sign:
        raise ValueError(Sentence("write a field and its value, such as /field version=7.2"))
    if key.lower().startswith(("contact.", "site.")):
        return _put_right(request, key, value)
    if len(value) > MAX_VALUE:
        raise ValueError(Sentence("a value has at most %(number)s characters", number=MAX_VALUE))
    if key.lower() == REFERENCE and entry(_codes(request).fields, REFERENCE) is None:
        request.incident = replace(request.incident, customer_reference=value)
        if value:
            return Sentence("the customer's reference is '%(value)s'", value=value)
        return Sentence("there is no reference of the customer any more")
    found = _declared(_codes(request), key)
    value = found.checked(value) if value else ""
    others = {name: one for name, one in request.incident.fields.items() if name != found.id}
    if value and len(others) >= MAX_FIELDS:
        raise ValueError(Sentence("an incident has at most %(number)s fields", number=MAX_FIELDS))
    request.incident = replace(request.incident, fields=others | ({found.id: value} if value else {}))
    if value:
        return Sentence("%(field)s is '%(value)s'", field=found.name, value=value)
    return Sentence("%(field)s is empty", field=found.name)


def _put_right(request: Request, key: str, value: str) -> str:
    """A fact about the incident's contact or site, in the directory."""
    request.powers.add(Power.DIRECTORY)
    person = next((one.person for one in request.case.parties if one.role == "contact"), None)
    site = request.facts.sites.get(request.incident.site) or request.case.site
    change, says = corrections.of_line(key, value, person, site, request.engineer.id)
    if change.field == "addresses" and request.facts.known.get(change.value[0]) not in (None, person):
        raise ValueError(Sentence("%(address)s is known as somebody else's", address=change.value[0]))
    request.effects.append(change)
    return says


def _declared(codes: Dictionary, key: str) -> Field:
    if not codes.fields:
        raise ValueError(
            Sentence("this desk has no field but '%(field)s'; the administrator can declare them", field=REFERENCE)
        )
    return next(one for one in codes.fields if one.id == pick(codes.fields, Sentence("field"), key))


def tag(request: Request, argument: str) -> str:
    """`/tag word` puts a tag on, `/tag -word` takes it off; also on a closed incident."""
    words = [word.strip(",#").lower() for word in argument.split() if word.strip(",#")]
    if not words:
        raise ValueError(WHICH_TAG)
    tags = list(request.incident.tags)
    for word in words:
        name = word.lstrip("-")
        if not re.fullmatch(r"[\w.-]+", name) or len(name) > MAX_TAG:
            raise ValueError(
                Sentence(
                    "'%(word)s' is no tag: letters, digits, - and ., at most %(number)s of them",
                    word=word,
                    number=MAX_TAG,
                )
            )
        if word.startswith("-"):
            if name not in tags:
                raise ValueError(Sentence("there is no tag '%(tag)s' on it", tag=name))
            tags.remove(name)
        elif name not in tags:
            tags.append(name)
    if len(tags) > MAX_TAGS:
        raise ValueError(Sentence("an incident has at most %(number)s tags", number=MAX_TAGS))
    request.incident = replace(request.incident, tags=tuple(tags))
    return Sentence("its tags are %(tags)s", tags=", ".join(tags)) if tags else Sentence("it has no tags")


def contact(request: Request, argument: str) -> str:
    """Puts the reporter right; who was it before stays as a participant.  `merge A into B`: they are one person."""
    if argument.lower().startswith("merge "):
        return _merge(request, argument)
    if not request.case.incident.number:
        raise ValueError(WHICH_INCIDENT)
    request.need_open()
    address = addr_spec(argument.strip().strip("<>"))
    if not address:
        raise ValueError(Sentence("write the address of the contact, such as /contact jane@example.com"))
    present = next((one.person for one in request.case.parties if address in one.person.addresses), None)
    if present is not None and present.id == request.incident.contact:
        raise ValueError(Sentence("%(address)s is the contact already", address=address))
    if any(address in one.addresses for one in request.policy.engineers.values()):
        raise ValueError(Sentence("%(address)s is a colleague; a contact is somebody we serve", address=address))
    person = present if present is not None and not present.staff else request.facts.known.get(address)
    person = person or Person(0, Kind.CONTACT, address, "", (address,))
    request.powers.add(participant_power(request, person, address))
    request.contact = person
    if person.site and person.site != request.incident.site:
        if request.incident.free:
            request.draws += given_back(request.incident)
        request.incident = replace(request.incident, site=person.site, free=False)
    former = next((one.person for one in request.case.parties if one.role == "contact"), None)
    done = Sentence("%(name)s is the contact", name=person.name or address)
    if former is None:
        return done
    return beside(done, Sentence("%(name)s stays as a participant", name=former.name or former.address))


def _merge(request: Request, argument: str) -> str:
    one, other = two_addresses(argument)
    gone, stays = request.facts.known.get(one), request.facts.known.get(other)
    origin = request.facts.origins.get(gone.id, "") if gone is not None else ""
    if why := unmergeable(gone, stays, one, other, origin):
        raise ValueError(why)
    assert gone is not None and stays is not None
    request.powers.add(Power.DIRECTORY)
    request.effects.append(MergeContacts(gone, stays, request.engineer.id))
    name = stays.name or stays.address
    return Sentence("%(address)s is %(name)s from now on; this cannot be undone", address=one, name=name)


def _code(request: Request, name: str, value: str) -> str:
    request.incident = request.incident.having(**{name: value})
    return Sentence("the %(what)s is '%(value)s'", what=NAMES[name], value=_codes(request).shown(name, value))


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


def put_right(builder: DecisionBuilder, request: Request) -> None:
    """Another contact, whom the engineer vouches for."""
    person = request.contact
    if person is None:
        return
    if not person.id:
        builder.do(Meet(person.key, person.name, known=True))
    elif not person.known:
        builder.do(Know(person))
    former = next((one.person for one in request.case.parties if one.role == "contact"), None)
    builder.do(PutRight(request.case.incident.number, person, former))
