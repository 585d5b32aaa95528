"""Addresses that an engineer copies on a public answer: each is `/cc add`, with the power that it needs."""

from __future__ import annotations

from collections.abc import Iterator

from sitmail.domain.address import addr_spec
from sitmail.domain.engineer.request import Request
from sitmail.domain.engineer.verbs import add
from sitmail.domain.joining import MOST, no_reader
from sitmail.domain.sentence import Sentence
from sitmail.domain.trust import Power


def add_copied(request: Request) -> Iterator[tuple[str, str]]:
    """Adds them, and gives a line and a sentence for each from outside the site, about whom he may be asked.

    Who is left out is noted in the request: partners, lists, machines, and whoever is too many.
    """
    present = {*request.actor.addresses, *(a for p in request.case.parties for a in p.person.addresses)}
    present |= {address for one in request.joining for address in one.person.addresses}
    owners = (request.incident.owner, request.incident.temporary_owner)
    present |= {a for e in owners if e in request.policy.engineers for a in request.policy.engineers[e].addresses}
    added = 0
    for address in dict.fromkeys(addr_spec(one.address) for one in request.facts.copied):
        if not address or address in present:
            continue
        why = no_reader(address, request.facts.known.get(address), request.policy) or (
            Sentence("more than five") if added == MOST else ""
        )
        if why:
            request.left_out.append(Sentence("%(address)s (%(why)s)", address=address, why=why))
            continue
        added += 1
        outsiders = Power.ADD_OUTSIDER in request.powers
        request.powers.discard(Power.ADD_OUTSIDER)
        says = add(request, address)
        if Power.ADD_OUTSIDER in request.powers:
            yield f"Cc: {address}", says
        request.powers |= {Power.ADD_SAME_SITE, *([Power.ADD_OUTSIDER] if outsiders else [])}
