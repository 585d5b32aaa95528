"""Where a plain reply to a letter goes, and what its first line says of that: who will read it (behaviour 2.4).

Both follow from the same facts as the decision about such a reply, so that the line is true.  What stands in it is
the desk's own: a name that a stranger gave himself could say anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sitmail.domain import trust
from sitmail.domain.authority import acts_on
from sitmail.domain.incident import Incident
from sitmail.domain.notice_purposes import NoticeTraits
from sitmail.domain.outside_readers import hearing, unheard
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence, listed
from sitmail.domain.storm import CHANNEL
from sitmail.domain.update import LegKind
from sitmail.services.partner_views import alone
from sitmail.services.views import PlainReply, one_line

KINDS = {LegKind.PUBLIC: trust.PUBLIC, LegKind.INTERNAL: trust.INTERNAL, LegKind.VENDOR: trust.VENDOR}
_ELSEWHERE = {
    trust.CONFIRM: Sentence("the desk; yes on the first line confirms, and nothing else does"),
    trust.HELD: Sentence('the desk alone; a line such as "/accept" decides about the held mail'),
    trust.ARTICLE: Sentence("the desk; sections change the article, other words go to those who follow it"),
    trust.DIGEST: Sentence('the desk alone; a line such as "12: /take" is carried out'),
}

ANOTHER_TEAMS = Sentence(
    "nobody: the incident is another team's; it comes back to you, unless /take stands on its first line"
)
CLOSED = Sentence(
    "nobody outside: the incident is closed; it is kept as an internal note, unless /reopen stands on its first line"
)
EACH_CHILD = Sentence("the customers of its children, each in a letter of their own")
NO_PARTNER = Sentence("nobody yet: it is not certain who is meant, so that a line such as /vendor must name it")
LOG_ONLY = Sentence("the log only; it is an internal note")


def kind_of(traits: NoticeTraits, leg: LegKind, incident: int | None) -> str:
    """The kind of a letter's reply address.  What staff are told about no incident is answered with numbered lines."""
    if traits.kind:
        return traits.kind
    return trust.DIGEST if leg is LegKind.INTERNAL and incident is None else KINDS[leg]


def plain_reply(
    reader: Person,
    kind: str,
    incident: Incident | None,
    outside: Collection[Person],
    watching: Collection[Person],
    policy: Policy,
    partner: Person | None = None,
    marks: Mapping[tuple[int, int], str] | None = None,
) -> PlainReply:
    """`kind` is the reply address's; `outside` are contact and participants, `watching` watchers of the incident.

    `partner`: whose leg the letter is about.  `marks`: what stands behind a reader's name, by incident and person.
    """
    engineers = policy.engineers
    audience = "PUBLIC" if kind in (trust.PUBLIC, trust.VENDOR) else "INTERNAL"
    if incident is None or kind in _ELSEWHERE:
        return PlainReply(audience, _ELSEWHERE.get(kind, _ELSEWHERE[trust.DIGEST]))
    engineer = engineers.get(reader.key)
    if engineer is not None and kind != trust.INTERNAL and not acts_on(engineer, incident):
        return PlainReply(audience, ANOTHER_TEAMS)
    if kind in (trust.PUBLIC, trust.VENDOR):
        if not incident.open:
            return PlainReply(audience, CLOSED)
        if kind == trust.VENDOR:
            return PlainReply(audience, alone(partner, _called(partner)) if partner else NO_PARTNER)
        if incident.channel == CHANNEL:
            return PlainReply(audience, EACH_CHILD)
        heard = _named(reader, hearing(outside, policy), incident.number, marks or {})
        return PlainReply(audience, heard or Sentence("nobody: %(why)s", why=unheard(_others(reader, outside))))
    owners = [
        engineers[e].name for e in (incident.temporary_owner, incident.owner) if e in engineers and e != reader.key
    ]
    owners += [engineers[p.key].name for p in watching if p.key in engineers and p.key != reader.key]
    names = ", ".join(dict.fromkeys(owners))
    return PlainReply(audience, Sentence("colleagues only (%(names)s)", names=names) if names else LOG_ONLY)


def _named(reader: Person, people: Iterable[Person], number: int, marks: Mapping[tuple[int, int], str]) -> str:
    """Each of them once, and not the reader himself, who may be a contact as well."""
    return listed([_marked(_called(person), marks.get((number, person.id), "")) for person in _others(reader, people)])


def _marked(name: str, mark: str) -> str:
    return Sentence("%(name)s (%(mark)s)", name=name, mark=mark) if mark else name


def _others(reader: Person, people: Iterable[Person]) -> list[Person]:
    found = {person.address: person for person in people if set(person.addresses).isdisjoint(reader.addresses)}
    return list(found.values())


def _called(person: Person) -> str:
    """A name that the directory knows; else the address alone, in quotation marks, since he named himself."""
    if not person.known:
        return Sentence('the stranger "%(address)s"', address=one_line(person.address))
    if person.kind is Kind.STRANGER:
        return f'"{one_line(person.address)}"'
    name = one_line(person.name)
    return f"{name} <{person.address}>" if name else person.address
