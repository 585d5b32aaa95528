"""An engineer wrote to somebody himself, and our reply address had a blind copy (S0-05): it is logged, not sent.

Our address stands in the envelope alone, and To or Cc names people outside.  If one of them is on the leg of that
address the words are logged as sent to him; else they were for somebody who takes no part, and stay inside.
"""

from __future__ import annotations

from collections.abc import Sequence

from sitmail.domain.address import addr_spec
from sitmail.domain.decision_builder import customers
from sitmail.domain.engineer.request import Request
from sitmail.domain.engineer.to_partner import answered_partner
from sitmail.domain.mail import Mail
from sitmail.domain.people import Person
from sitmail.domain.sentence import Sentence, listed
from sitmail.domain.update import LegKind


def logged_as_sent(request: Request, mail: Mail) -> list[str] | None:
    """What its author is told; None where the mail is no blind copy.  Commands in it were read as words."""
    addressed = _addressed(request)
    if not request.facts.blind or not addressed:
        return None
    request.sent_already, request.noted = True, True
    request.attachments = mail.attachments
    words = mail.own_words.strip()
    readers = [one for one in _on_the_leg(request) if not addressed.isdisjoint(one.addresses)]
    if not readers or request.shut():
        request.note = words
        return [_kept(addressed, readers)]
    shown = words or "(see the attached files)"
    if request.facts.route.kind == "v":
        (request.partner,) = readers
        request.partner_words, request.leg = shown, str(LegKind.VENDOR)
    else:
        request.words, request.leg = shown, str(LegKind.PUBLIC)
    return [_logged(request, addressed, readers)]


def _addressed(request: Request) -> set[str]:
    """Whom To and Cc name, less colleagues."""
    staff = {address for one in request.policy.engineers.values() for address in one.addresses}
    return {addr_spec(one.address) for one in request.facts.copied} - staff - {""}


def _on_the_leg(request: Request) -> list[Person]:
    if request.facts.route.kind != "v":
        return [party.person for party in customers(request.case)]
    partner = answered_partner(request.facts, request)
    return [partner] if partner else []


def _logged(request: Request, addressed: set[str], readers: Sequence[Person]) -> str:
    """Who has it, who takes part and has it not, and who takes no part and has it."""
    theirs = {address for one in readers for address in one.addresses}
    names = listed([one.name or one.address for one in readers])
    strangers = sorted(addressed - theirs)
    missed = [one.name or one.address for one in _on_the_leg(request) if one not in readers]
    if strangers:
        return Sentence(
            "logged as what you sent to %(names)s yourself, and sent to nobody again; %(others)s takes no part, and"
            " /cc add ADDRESS changes that",
            names=names,
            others=listed(strangers),
        )
    if missed:
        return Sentence(
            "logged as what you sent to %(names)s yourself, and sent to nobody again; %(others)s takes part and did not"
            " get it",
            names=names,
            others=listed(missed),
        )
    return Sentence("logged as what you sent to %(names)s yourself, and sent to nobody again", names=names)


def _kept(addressed: set[str], readers: Sequence[Person]) -> str:
    if readers:
        names = listed([one.name or one.address for one in readers])
        return Sentence("it is closed, so what you sent to %(names)s is kept as an internal note", names=names)
    return Sentence(
        "kept as an internal note, and sent to nobody: you wrote to %(addresses)s, who is not on this conversation",
        addresses=listed(sorted(addressed)),
    )
