"""`/link KIND REF`: a bug, an order, a feature or a page elsewhere that belongs to an incident (behaviour 3.5; S2-16).

Staff alone read such links.  Two incidents of this desk are linked by other verbs (`linking`).
"""

from __future__ import annotations

import re

from sitmail.domain.authority import acts_on
from sitmail.domain.choices import Choice, named
from sitmail.domain.effects import Refer
from sitmail.domain.engineer import linking
from sitmail.domain.engineer.request import Request
from sitmail.domain.links import Link, Linked, LinkKind, unnumbered
from sitmail.domain.nouns import ONE_INCIDENT
from sitmail.domain.partner_numbers import NUMBERED_BY
from sitmail.domain.sentence import Sentence, listed

LONGEST = 200  # characters of a reference, and of what is said about it
KINDS = (
    Choice(LinkKind.BUG, "bug", ("fehler", "anomalie")),
    Choice(LinkKind.ORDER, "order", ("auftrag", "bestellung", "commande")),
    Choice(LinkKind.FEATURE, "feature", ("funktion", "wunsch", "fonctionnalité")),
    Choice(LinkKind.URL, "url", ("seite", "page")),
)
OFF = ("del", "delete", "remove", "-")
PAGE = re.compile(r"https?://[^\s<>\"]{3,}", re.IGNORECASE)
HOW = Sentence("write /link KIND REF, such as /link feature https://example.com/F-7; /link del REF takes it off")
NO_PAGE = Sentence("the address of a page begins with https://")


def link(request: Request, argument: str) -> str:
    """`/link KIND REF [WORDS]`, `/link del [KIND] REF`, `/link URL`; alone it names the links that there are."""
    words = argument.split()
    if not words:
        return _what_there_is(request)
    request.need_open()
    if words[0].lower() in OFF:
        return _take_off(request, words[1:])
    not_ours(request, words[0])
    if PAGE.fullmatch(words[0]):
        words.insert(0, LinkKind.URL)
    kind = LinkKind(named(words[0], Sentence("kind of link"), KINDS))
    reference, about = words[1].strip("<>,;") if len(words) > 1 else "", " ".join(words[2:])
    if not reference:
        raise ValueError(HOW)
    if max(len(reference), len(about)) > LONGEST:
        raise ValueError(Sentence("a reference has at most %(most)s characters", most=LONGEST))
    not_ours(request, reference)
    if kind is LinkKind.URL and not PAGE.fullmatch(reference):
        raise ValueError(NO_PAGE)
    return add(request, kind, reference, about)


def add(request: Request, kind: LinkKind, reference: str, about: str = "") -> str:
    """A link to a reference elsewhere.  If what it names has no number yet, that is its number."""
    if any(one.kind is kind and one.reference.casefold() == reference.casefold() for one in request.case.links):
        return Sentence("it is linked to %(reference)s already", reference=reference)
    waits = next(iter(unnumbered(request.case.links, kind)), None)
    if waits is None or any(one.numbers is waits for one in request.links):
        return linking.noted(request, Linked(kind, reference=reference, detail=about))
    partner = next((p.person for p in request.case.partners() if NUMBERED_BY.get(p.person.kind) is kind), None)
    if partner is not None:
        request.effects.append(Refer(request.case.incident.number, partner, reference))
    return linking.noted(request, Linked(kind, reference=reference, detail=about or waits.detail, numbers=waits))


def not_ours(request: Request, reference: str) -> None:
    """Raises ValueError with a sentence where that is the number of an incident of this desk."""
    found = ONE_INCIDENT.fullmatch(reference.strip("<>,;."))
    if found is None:
        return
    tag = re.match(r"\[?([A-Za-z]{2,10})-", reference)
    ours = tag is not None and tag[1].casefold() == request.policy.tag.casefold()
    case = request.facts.cases.get(int(found[1]))
    his = case is not None and acts_on(request.engineer, case.incident)
    if ours or (tag is None and his):
        raise ValueError(
            Sentence(
                "%(incident)s is an incident of this desk: /parent %(number)s or /dup %(number)s links the two",
                incident=request.policy.reference(int(found[1])),
                number=found[1],
            )
        )


def _take_off(request: Request, words: list[str]) -> str:
    links = [one for one in request.case.links if not one.other]
    kinds = [choice for choice in KINDS if words and words[0].lower() in (choice.id, *choice.also)]
    if kinds:
        links, words = [one for one in links if one.kind == kinds[0].id], words[1:]
    wanted = " ".join(words).casefold()
    if wanted:
        links = [one for one in links if wanted in (one.reference.casefold(), one.detail.casefold())]
    if not links:
        raise ValueError(Sentence("there is no such link; %(links)s", links=_what_there_is(request)))
    if len(links) > 1:
        raise ValueError(Sentence("which one? %(links)s", links=_what_there_is(request)))
    return linking.end_link(request, links[0])


def _what_there_is(request: Request) -> str:
    links = [_shown(one) for one in request.case.links if not one.other]
    if not links:
        return Sentence("it is linked to nothing elsewhere")
    return Sentence("it is linked to %(links)s", links=listed(links))


def _shown(one: Link) -> str:
    return f"{one.kind} {one.called}"
