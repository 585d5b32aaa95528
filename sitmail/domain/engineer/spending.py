"""`/time DURATION TEXT`: what an engineer spent on an incident, a fact of the log that only staff read."""

from __future__ import annotations

from sitmail.domain import time_spent
from sitmail.domain.engineer.request import Request
from sitmail.domain.sentence import Sentence
from sitmail.domain.time_spent import shown


def time(request: Request, argument: str) -> str:
    """Notes time, also in the mail that closes the incident; less than nothing cannot be left of it."""
    if not request.case.incident.open:
        request.need_open()
    found = time_spent.read(argument, request.calendar())
    before = request.facts.spent.get(request.case.incident.number, 0) + sum(one.minutes for one in request.spent)
    if before + found.minutes < 0:
        raise ValueError(
            Sentence(
                "only %(spent)s were noted on it so far, so that %(minutes)s cannot be taken back",
                spent=shown(before),
                minutes=shown(-found.minutes),
            )
        )
    request.spent.append(found)
    together = shown(before + found.minutes)
    if found.minutes < 0:
        return Sentence("%(minutes)s taken back, %(together)s in all", minutes=shown(-found.minutes), together=together)
    return Sentence("%(minutes)s noted, %(together)s in all", minutes=shown(found.minutes), together=together)
