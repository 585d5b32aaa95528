"""A customer's `/priority P`: a wish, as high as the service level allows; its owner reads what he wished for.

Times are promised anew by it, so that it needs as much proof as to confirm a closure.
"""

from __future__ import annotations

from sitmail.domain.choices import Choice, named
from sitmail.domain.customer.participants import UNPROVEN
from sitmail.domain.customer.request import CustomerRequest, Missing
from sitmail.domain.sentence import Sentence, listed

CLOSED = Sentence("it is closed, so that it has no priority any more")
NOT_SO_GRAVE = Sentence("how grave the problem is does not allow that priority; please write to us why it is different")


def priority(request: CustomerRequest, argument: str) -> None:
    """Raises ValueError with a sentence for the writer, `Missing` where he has not said which one."""
    policy, incident = request.builder.policy, request.incident
    choices = [Choice(one.id, one.name) for one in policy.priorities]
    if not argument.strip():
        names = listed([one.id for one in choices])
        raise Missing(Sentence("which one? Write it behind the line; there are %(names)s", names=names))
    wished = named(argument, Sentence("priority"), choices)
    if not incident.open:
        raise ValueError(CLOSED)
    if not request.may_close():
        raise ValueError(UNPROVEN)
    to = policy.priority_within(incident.service_level, wished)
    if policy.dictionary.within(incident.severity, to, policy.priorities) != to:
        raise ValueError(NOT_SO_GRAVE)
    called = {one.id: Sentence(one.name) for one in choices}
    request.done.append(_said(called[to], called[wished], changed=to != incident.priority))
    if to == wished:
        says = Sentence("The customer wished for priority '%(wished)s'.", wished=called[wished])
    else:
        says = Sentence(
            "The customer wished for priority '%(wished)s', which was reduced to '%(priority)s', as the service level"
            " allows no more.",
            wished=called[wished],
            priority=called[to],
        )
    request.wishes.append(says)
    request.incident = incident.having(priority=to)


def _said(to: Sentence, wished: Sentence, *, changed: bool) -> Sentence:
    """What its writer is told."""
    if to == wished:
        if changed:
            return Sentence("Its priority is '%(priority)s' now.", priority=to)
        return Sentence("Its priority is '%(priority)s' already.", priority=to)
    return Sentence(
        "Its priority is '%(priority)s', reduced from '%(wished)s': what we agreed on allows no higher one.",
        priority=to,
        wished=wished,
    )
