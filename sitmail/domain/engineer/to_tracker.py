"""`/bug TITLE`: a defect is reported to the tracker of the product (behaviour 3.5; S2-09, S2-10, S2-11).

The words under the line, and its files, go there on a leg of their own; the product's manager is told inside.
"""

from __future__ import annotations

from sitmail.domain.bug_steps import has_steps
from sitmail.domain.dictionary import entry
from sitmail.domain.engineer.linking import noted
from sitmail.domain.engineer.request import Request
from sitmail.domain.engineer.to_partner import address_to, called
from sitmail.domain.links import Linked, LinkKind, unnumbered
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Partner
from sitmail.domain.sentence import Sentence, beside

LONGEST = 200  # characters of a title
NO_TITLE = Sentence(
    "what is wrong? write a title behind the verb, and under it the text with the steps to reproduce it"
)
NO_TRACKER = Sentence("this desk has no bug tracker; the administrator can declare one")
WHOSE = Sentence("its product has no tracker; /product says which product it is about")
ONE_BUG = Sentence("one bug in one mail")
STEPS = Sentence('the text has no steps to reproduce: write them under a heading "Steps to reproduce:"')
WITHOUT_STEPS = Sentence("it was sent without steps to reproduce")


def bug(request: Request, argument: str) -> str:
    request.need_open()
    title = " ".join(argument.split())
    if not title:
        raise ValueError(NO_TITLE)
    if len(title) > LONGEST:
        raise ValueError(Sentence("a title has at most %(most)s characters", most=LONGEST))
    tracker = _tracker(request)
    _is_new(request, title)
    address_to(request, tracker)
    request.partner_letter = (NoticePurpose.BUG_REPORTED, {"title": title})
    noted(request, Linked(LinkKind.BUG, detail=title))
    says = Sentence("%(name)s gets it as a bug", name=called(tracker))
    manager = _manager(request)
    if manager is None:
        return says
    request.in_copy.append(manager)
    return beside(says, Sentence("%(name)s, who manages the product, is told", name=manager.name))


def _tracker(request: Request) -> Person:
    """That of the product, else the only one, else the default one.  Raises ValueError with a sentence."""
    trackers = request.policy.partners_of(Kind.TRACKER)
    if not trackers:
        raise ValueError(NO_TRACKER)
    product = entry(request.policy.dictionary.products, request.incident.product)
    row: Partner | None = next((one for one in trackers if product and one.id == product.tracker), None)
    row = row or (trackers[0] if len(trackers) == 1 else next((one for one in trackers if one.default), None))
    found = (one for one in request.facts.partners if row and one.kind is Kind.TRACKER and one.key == row.id)
    tracker = next(found, None)
    if tracker is None:
        raise ValueError(WHOSE)
    return tracker


def _is_new(request: Request, title: str) -> None:
    """Raises ValueError with a sentence where it was reported before, or another one waits for its number."""
    if request.partner_letter[0] is NoticePurpose.BUG_REPORTED:
        raise ValueError(ONE_BUG)
    waiting = list(unnumbered(request.case.links, LinkKind.BUG))
    same = [one for one in request.case.links if one.kind is LinkKind.BUG and one.detail.casefold() == title.casefold()]
    for one in same or waiting:
        raise ValueError(
            Sentence(
                "%(bug)s is reported already: answer a letter of the tracker to say more; "
                "/link bug NUMBER gives it its number, /link del bug takes it off",
                bug=one.called,
            )
        )


def _manager(request: Request) -> Person | None:
    product = entry(request.policy.dictionary.products, request.incident.product)
    found = request.facts.staff.get(product.manager) if product else None
    return found if found is not None and found.id != request.actor.id else None


def without_steps(request: Request) -> str:
    """What is done about a bug that lacks its steps: "ask", "require" or "warn"; "" if there is nothing to do."""
    who = request.partner
    if who is None or request.partner_letter[0] is not NoticePurpose.BUG_REPORTED or has_steps(request.partner_words):
        return ""
    steps = next((one.steps for one in request.policy.partners_of(Kind.TRACKER) if one.id == who.key), "warn")
    released = request.facts.release is not None and request.facts.release.how == "send"
    if steps == "ask" and (request.facts.steps_asked or released):
        return "warn"
    return steps
