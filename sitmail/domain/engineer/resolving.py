"""The verbs that lead to an end, or ask for what is missing: /resolve, /verify, /ask, /unsupported.

Each is a small function as in `engineer/verbs`.  What an incident needs before it may be resolved is looked at when all
lines of the mail were read (`unmet`), so that they may stand in any order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from sitmail.domain.choices import Choice, named
from sitmail.domain.dictionary import Resolution, entry, pick_specific
from sitmail.domain.engineer.request import Request
from sitmail.domain.hours import ROUND_THE_CLOCK
from sitmail.domain.incident import Move, Status
from sitmail.domain.questions import DOCUMENTS, Missing, missing

KNOWN_AS = "known-as"  # the field that names the incident in which a problem is known already
REAL, PERCEIVED, CANNOT_REPRODUCE = "real", "perceived", "cannot-reproduce"
VERIFIED = tuple(Choice(one, one) for one in (REAL, PERCEIVED, CANNOT_REPRODUCE))
NO_ANSWER = "the customer has not said whether it works"


def resolve(request: Request, argument: str) -> str:
    """Asks the customer whether it may be closed."""
    request.need_open()
    table = request.policy.dictionary.resolutions
    word, number = _with_number(argument)
    chosen = pick_specific(table, "resolution", word)
    found = next(one for one in table if one.id == chosen.partition("/")[0] or one.id == chosen)
    if number and not found.needs_incident:
        raise ValueError(f"the resolution {found.id!r} takes no number; write it without")
    if found.needs_incident:
        _known_in(request, found, number)
    if why := request.unheard():
        raise ValueError(f"there is nobody to ask: {why}; /close {found.closing_status} closes it")
    request.incident = replace(
        request.incident,
        status=request.move(Move.SET, Status.AWAITING_CLOSURE),
        resolution=chosen,
        closure_requested=None,
        next_action=NO_ANSWER,
        next_action_at=_owner_told(request),
        customer_hold=False,
    )
    request.status_named = request.resolved = True
    closing = request.policy.dictionary.closing(found.closing_status)
    return f"the customer is asked; a yes closes it as {closing!r}"


def _with_number(argument: str) -> tuple[str, int]:
    """The code, and the number of another incident behind it: `known 12`, `known [SIT-12]`."""
    split = re.fullmatch(r"(.*\S)\s+\[?(?:[A-Za-z]{2,10}-)?(\d{1,9})\]?", argument.strip())
    return (split[1], int(split[2])) if split else (argument, 0)


def _known_in(request: Request, found: Resolution, number: int) -> None:
    if not number:
        raise ValueError(f"in which incident is it known? write its number, such as /resolve {found.id} 12")
    if number not in request.facts.cases or number == request.case.incident.number:
        raise ValueError(f"there is no other incident {number} that you may read")
    fields = {**request.incident.fields, KNOWN_AS: request.policy.reference(number)}
    request.incident = replace(request.incident, fields=fields)


def _owner_told(request: Request) -> datetime:
    """When the owner is told that no answer came."""
    policy, incident = request.policy, request.incident
    level = policy.service_levels.get(incident.service_level)
    span = (level and level.presume_after) or policy.closing.presume_after
    calendar = policy.calendars.get(incident.calendar or policy.calendar, ROUND_THE_CLOCK)
    return calendar.add(request.now, calendar.working(span))


def unmet(request: Request) -> str:
    """What the incident lacks before it may be resolved, as a sentence; "" if nothing."""
    if not request.resolved:
        return ""
    incident, codes = request.incident, request.policy.dictionary
    lacking = [name for name in request.policy.closing.require if not _has(request, name)]
    if lacking:
        names = ", ".join(codes.field_name(name).replace("_", " ") for name in lacking)
        lines = ", ".join(_line_for(name) for name in lacking)
        return f"before it is resolved it needs: {names}; add {lines}"
    ways = [one.id for one in codes.resolutions if one.perceived]
    general = incident.resolution.partition("/")[0]
    if incident.verified == PERCEIVED and ways and general not in ways:
        return f"it was verified as perceived, so it ends by {' or '.join(ways)}; /verify real comes first otherwise"
    return ""


def say(request: Request) -> str:
    """What the desk has to say besides the engineer's words joins them; a sentence where there would be nothing."""
    if request.resolved:
        table = request.policy.dictionary.resolutions
        found = entry(table, request.incident.resolution) or entry(table, request.incident.resolution.partition("/")[0])
        request.words = "\n\n".join(filter(None, (request.words, found.text if found else "")))
    if request.asking is None:
        return ""
    wanted = request.asking.questions
    request.asked = ("also" if request.words else "alone") if wanted else ""
    listed = "\n".join(f"{number}. {one}" for number, one in enumerate(wanted, 1))
    request.words = "\n\n".join(filter(None, (request.words, listed)))
    return "" if request.words else "there is nothing that its type or product asks for; write your question in words"


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
    to = named(argument, "answer to whether it is real", VERIFIED)
    request.incident = replace(request.incident, verified=to)
    if to == CANNOT_REPRODUCE:
        said = _ask(request, missing(request.incident, request.policy.dictionary))
        return f"it cannot be reproduced; {said}"
    if to == REAL:
        return "the problem is real"
    ways = [one.id for one in request.policy.dictionary.resolutions if one.perceived]
    if not ways:
        return "the problem is perceived, not real"
    return f"the problem is perceived, not real; it ends by {' or '.join(f'/resolve {one}' for one in ways)}"


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
            raise ValueError(f"this desk has no fields to ask for; write your question in words, or /ask {DOCUMENTS}")
        chosen = named(word, "field", [Choice(one.id, one.name) for one in codes.fields])
        wanted = Missing(fields=tuple(one for one in codes.fields if one.id == chosen))
    if not wanted:
        raise ValueError("nothing is missing that its type or product asks for; write your question in words")
    return _ask(request, wanted)


def _ask(request: Request, wanted: Missing) -> str:
    if why := request.unheard():
        raise ValueError(f"there is nobody to ask: {why}")
    request.asking = wanted
    request.incident = replace(request.incident, status=request.move(Move.SET, Status.AWAITING_CUSTOMER))
    request.status_named = True
    names = [one.name for one in wanted.fields] + list(wanted.documents)
    return f"the customer is asked for {', '.join(names) or 'what your words ask'}"


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
    return f"status is {request.policy.dictionary.label(Status.UNSUPPORTED).internal!r}; /close unsupported ends it"


RESOLVING: Mapping[str, Callable[[Request, str], str]] = {
    "resolve": resolve,
    "verify": verify,
    "ask": ask,
    "unsupported": unsupported,
}
