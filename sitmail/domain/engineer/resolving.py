"""The verbs that lead to an end, or ask for what is missing: /resolve, /verify, /ask, /unsupported.

Each is a small function as in `engineer/verbs`.  What an incident needs before it may be resolved is looked at when all
lines of the mail were read (`unmet`), so that they may stand in any order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from sitmail.domain.choices import Choice, named
from sitmail.domain.dictionary import Resolution, entry, pick_specific
from sitmail.domain.engineer.kb_verb import solved_by, without_article
from sitmail.domain.engineer.request import Request
from sitmail.domain.incident import Move, Status
from sitmail.domain.questions import DOCUMENTS, Missing, missing
from sitmail.domain.sentence import Sentence, beside, either, listed
from sitmail.domain.shown_changes import NAMES

KNOWN_AS = "known-as"  # the field that names the incident in which a problem is known already
REAL, PERCEIVED, CANNOT_REPRODUCE = "real", "perceived", "cannot-reproduce"
VERIFIED = tuple(Choice(one, one) for one in (REAL, PERCEIVED, CANNOT_REPRODUCE))
NOTHING_ASKED = Sentence("there is nothing that its type or product asks for; write your question in words")
NOTHING_MISSING = Sentence("nothing is missing that its type or product asks for; write your question in words")

FOR_CUSTOMERS = Sentence(
    "an article, a file or a standard answer is for the customer; write it in reply to a letter with public words"
)


def resolve(request: Request, argument: str) -> str:
    """Asks the customer whether it may be closed."""
    request.need_open()
    table = request.policy.dictionary.resolutions
    argument, article = without_article(argument)
    word, number = _with_number(argument)
    chosen = pick_specific(table, Sentence("resolution"), word)
    found = next(one for one in table if one.id == chosen.partition("/")[0] or one.id == chosen)
    if number and not found.needs_incident:
        raise ValueError(Sentence("the resolution '%(code)s' takes no number; write it without", code=found.id))
    if found.needs_incident:
        _known_in(request, found, number)
    if why := request.unheard():
        closes = Sentence("/close %(status)s closes it", status=found.closing_status)
        raise ValueError(beside(Sentence("there is nobody to ask: %(why)s", why=why), closes))
    request.incident = replace(
        request.incident,
        status=request.move(Move.SET, Status.AWAITING_CLOSURE),
        resolution=chosen,
        closure_requested=None,
        next_action="",
        next_action_at=None,
        customer_hold=False,
    )
    request.status_named = request.resolved = True
    closing = request.policy.dictionary.closing(found.closing_status)
    asked = Sentence("the customer is asked; a yes closes it as '%(status)s'", status=Sentence(closing))
    return beside(asked, solved_by(request, article, asks=True)) if article else asked


def _with_number(argument: str) -> tuple[str, int]:
    """The code, and the number of another incident behind it: `known 12`, `known [SIT-12]`."""
    split = re.fullmatch(r"(.*\S)\s+\[?(?:[A-Za-z]{2,10}-)?(\d{1,9})\]?", argument.strip())
    return (split[1], int(split[2])) if split else (argument, 0)


def _known_in(request: Request, found: Resolution, number: int) -> None:
    if not number:
        raise ValueError(
            Sentence("in which incident is it known? write its number, such as /resolve %(code)s 12", code=found.id)
        )
    if number not in request.facts.cases or number == request.case.incident.number:
        raise ValueError(Sentence("there is no other incident %(number)s that you may read", number=number))
    fields = {**request.incident.fields, KNOWN_AS: request.policy.reference(number)}
    request.incident = replace(request.incident, fields=fields)


def unmet(request: Request) -> str:
    """What the incident lacks before it may be resolved, as a sentence; "" if nothing."""
    if not request.resolved:
        return ""
    incident, codes = request.incident, request.policy.dictionary
    lacking = [name for name in request.policy.closing.require if not _has(request, name)]
    if lacking:
        names = listed([NAMES.get(name) or codes.field_name(name) for name in lacking])
        lines = ", ".join(_line_for(name) for name in lacking)
        return Sentence("before it is resolved it needs: %(names)s; add %(lines)s", names=names, lines=lines)
    ways = [one.id for one in codes.resolutions if one.perceived]
    general = incident.resolution.partition("/")[0]
    if incident.verified == PERCEIVED and ways and general not in ways:
        return Sentence(
            "it was verified as perceived, so it ends by %(ways)s; /verify real comes first otherwise",
            ways=either(ways),
        )
    return ""


def say(request: Request) -> str:
    """What the desk has to say besides the engineer's words joins them; a sentence where there would be nothing."""
    if request.standard and request.partner is not None:
        return FOR_CUSTOMERS
    request.typed = request.words
    _join(request, *request.standard)
    if request.resolved:
        table = request.policy.dictionary.resolutions
        found = entry(table, request.incident.resolution) or entry(table, request.incident.resolution.partition("/")[0])
        _join(request, found.text if found else "")
    if request.asking is not None:
        wanted = request.asking.questions
        request.asked = ("also" if request.words else "alone") if wanted else ""
        _join(request, "\n".join(f"{number}. {one}" for number, one in enumerate(wanted, 1)))
    if request.words and not (request.typed or request.partner_words):  # nobody looked whether his files may leave
        request.kept_back, request.attachments = (*request.kept_back, *request.attachments), ()
    request.attachments += request.enclosed
    return "" if request.words or request.asking is None else NOTHING_ASKED


def _join(request: Request, *words: str) -> None:
    request.words = "\n\n".join(filter(None, (request.words, *words)))


def _has(request: Request, name: str) -> bool:
    if entry(request.policy.dictionary.fields, name) is not None:
        return name in request.incident.fields
    return bool(getattr(request.incident, name))


def _line_for(name: str) -> str:
    lines = {"request_type": "/type", "reason": "/reason", "severity": "/severity", "product": "/product"}
    return lines.get(name, f"/field {name}=...")


def verify(request: Request, argument: str) -> str:
    """Whether the problem is there: perceived leads to resolutions of its kind, cannot-reproduce asks the customer."""
    request.need_open()
    to = named(argument, Sentence("answer to whether it is real"), VERIFIED)
    request.incident = replace(request.incident, verified=to)
    if to == CANNOT_REPRODUCE:
        said = _ask(request, missing(request.incident, request.policy.dictionary))
        return beside(Sentence("it cannot be reproduced"), said)
    if to == REAL:
        return Sentence("the problem is real")
    ways = [one.id for one in request.policy.dictionary.resolutions if one.perceived]
    perceived = Sentence("the problem is perceived, not real")
    if not ways:
        return perceived
    return beside(perceived, Sentence("it ends by %(ways)s", ways=either([f"/resolve {one}" for one in ways])))


def ask(request: Request, argument: str) -> str:
    """`/ask` asks for all that is missing, `/ask documents`, `/ask version` for that alone."""
    request.need_open()
    codes = request.policy.dictionary
    wanted = missing(request.incident, codes)
    word = argument.strip().lower()
    if word == DOCUMENTS:
        wanted = Missing(documents=wanted.documents)
    elif word:
        if not codes.fields:
            raise ValueError(
                Sentence("this desk has no fields to ask for; write your question in words, or /ask documents")
            )
        chosen = named(word, Sentence("field"), [Choice(one.id, one.name) for one in codes.fields])
        wanted = Missing(fields=tuple(one for one in codes.fields if one.id == chosen))
    if not wanted:
        raise ValueError(NOTHING_MISSING)
    return _ask(request, wanted)


def _ask(request: Request, wanted: Missing) -> str:
    if why := request.unheard():
        raise ValueError(Sentence("there is nobody to ask: %(why)s", why=why))
    request.asking = wanted
    request.incident = replace(request.incident, status=request.move(Move.SET, Status.AWAITING_CUSTOMER))
    request.status_named = True
    names = [one.name for one in wanted.fields] + list(wanted.documents)
    if not names:
        return Sentence("the customer is asked for what your words ask")
    return Sentence("the customer is asked for %(names)s", names=", ".join(names))


def unsupported(request: Request, _argument: str) -> str:
    request.need_open()
    request.incident = replace(
        request.incident,
        status=request.move(Move.SET, Status.UNSUPPORTED),
        next_action="",
        next_action_at=None,
        customer_hold=False,
    )
    request.status_named = True
    label = Sentence(request.policy.dictionary.label(Status.UNSUPPORTED).internal)
    return beside(Sentence("status is '%(status)s'", status=label), Sentence("/close unsupported ends it"))


RESOLVING: Mapping[str, Callable[[Request, str], str]] = {
    "resolve": resolve,
    "verify": verify,
    "ask": ask,
    "unsupported": unsupported,
}
