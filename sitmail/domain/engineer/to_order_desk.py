"""`/order REF [TYPE]` links an order, `/order new [TYPE]` writes to an order desk (behaviour 3.5; S4-11)."""

from __future__ import annotations

from sitmail.domain.choices import Choice, named
from sitmail.domain.engineer import outside_links
from sitmail.domain.engineer.linking import noted
from sitmail.domain.engineer.request import Request
from sitmail.domain.engineer.to_partner import address_to, called
from sitmail.domain.links import Linked, LinkKind, unnumbered
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Partner, Policy
from sitmail.domain.sentence import Sentence, beside

NEW = frozenset({"new", "neu", "neue", "nouveau", "nouvelle"})
TYPES = ("sro", "rma", "quote")  # destinations of orders, where no desk names its own
HOW = Sentence("write /order NUMBER [TYPE], or /order new [TYPE] with the text for the order desk under it")
NO_DESK = Sentence("this desk has no order desk to write to; /order NUMBER names an order that was placed elsewhere")
WAITS = Sentence("an order waits for its number: /order NUMBER gives it one, /link del order takes it off")
ONE_ORDER = Sentence("one new order in one mail")


def order(request: Request, argument: str) -> str:
    request.need_open()
    words = argument.split()
    if not words:
        raise ValueError(HOW)
    destination = _destination(request.policy, " ".join(words[1:]))
    if words[0].lower() in NEW:
        return _place(request, destination)
    reference = words[0].strip("<>,;")
    if not any(map(str.isdigit, reference)):
        raise ValueError(HOW)
    if not reference[:1].isdigit():
        outside_links.not_ours(request, reference)
    if len(reference) > outside_links.LONGEST:
        raise ValueError(Sentence("a reference has at most %(most)s characters", most=outside_links.LONGEST))
    return outside_links.add(request, LinkKind.ORDER, reference, destination)


def _destination(policy: Policy, word: str) -> str:
    """Raises ValueError with a sentence for a type that is none."""
    types = dict.fromkeys(one for desk in policy.partners_of(Kind.ORDER_DESK) for one in desk.types or TYPES)
    return named(word, Sentence("type of order"), [Choice(one, one) for one in types or TYPES]) if word else ""


def _place(request: Request, destination: str) -> str:
    desk = _desk(request, destination)
    if request.partner_letter[0] is NoticePurpose.ORDER_PLACED:
        raise ValueError(ONE_ORDER)
    if any(unnumbered(request.case.links, LinkKind.ORDER)):
        raise ValueError(WAITS)
    address_to(request, desk)
    request.partner_letter = (NoticePurpose.ORDER_PLACED, {"destination": destination} if destination else {})
    noted(request, Linked(LinkKind.ORDER, detail=destination))
    says = Sentence("%(name)s gets the order", name=called(desk))
    return beside(says, Sentence("its type is %(type)s", type=destination)) if destination else says


def _desk(request: Request, destination: str) -> Person:
    """The one that takes that type of orders, else the only one, else the default one.

    Raises ValueError with a sentence where there is none, or several.
    """
    desks = request.policy.partners_of(Kind.ORDER_DESK)
    if not desks:
        raise ValueError(NO_DESK)
    naming = [one for one in desks if destination in one.types] or [one for one in desks if not one.types]
    fitting = naming if destination and naming else list(desks)
    row: Partner | None = fitting[0] if len(fitting) == 1 else next((one for one in fitting if one.default), None)
    found = (one for one in request.facts.partners if row and one.kind is Kind.ORDER_DESK and one.key == row.id)
    desk = next(found, None)
    if desk is None:
        names = ", ".join(one.id for one in desks)
        raise ValueError(Sentence("which order desk? there are %(names)s; write the type behind it", names=names))
    return desk
