"""`/answer NAME`: a standard answer goes to the customer, under the engineer's own words."""

from __future__ import annotations

from sitmail.domain.choices import Choice, named
from sitmail.domain.engineer.request import Request
from sitmail.domain.people import Person
from sitmail.domain.sentence import Sentence
from sitmail.domain.standard_answers import filled

NONE_HERE = Sentence("this desk has no standard answers; they are [[answer]] in its configuration")


def answer(request: Request, argument: str) -> str:
    """Adds the text to what is said to the customer, in the contact's language."""
    request.need_open()
    known = request.policy.answers
    if not known:
        raise ValueError(NONE_HERE)
    if not argument.strip():
        names = ", ".join(one.id for one in known)
        raise ValueError(Sentence("which one? write its name behind it: %(names)s", names=names))
    if why := request.unheard():
        raise ValueError(Sentence("there is nobody to answer: %(why)s", why=why))
    chosen_id = named(argument, Sentence("standard answer"), [Choice(one.id, one.name) for one in known])
    chosen = next(one for one in known if one.id == chosen_id)
    contact = next((one.person for one in request.case.parties if one.role == "contact"), None)
    language = (contact.language if contact else "") or request.policy.language
    request.standard.append(filled(chosen.text_in(language), _values(request, contact)))
    return Sentence("the standard answer '%(name)s' is sent", name=chosen.name)


def _values(request: Request, contact: Person | None) -> dict[str, str]:
    """What the fields say; a name that somebody unknown gave himself is not repeated."""
    incident, policy = request.incident, request.policy
    site = request.case.site
    return {
        "name": " ".join(contact.name.split()) if contact and contact.known else "",
        "reference": policy.reference(incident.number),
        "engineer": request.engineer.name,
        "desk": policy.mailbox(incident.mailbox).name or policy.name,
        "site": " ".join((site.name or site.id).split()) if site else "",
        "product": policy.dictionary.shown("product", incident.product),
    }
