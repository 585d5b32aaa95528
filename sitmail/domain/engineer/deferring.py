"""Closing that is deferred to development: what is a bug may wait there, and its customer hears when it is fixed.

`/close reported-bug`, or a resolution that means it, wants a low priority and a bug that is not fixed yet (behaviour 3;
S2-28).  A resolution that names the incident in which the problem is known leaves the bug to that one.
"""

from __future__ import annotations

from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.dictionary import entry
from sitmail.domain.engineer.request import Request
from sitmail.domain.fixed_bugs import tell_fixed
from sitmail.domain.incident import REPORTED_BUG
from sitmail.domain.links import LinkKind, open_bugs
from sitmail.domain.sentence import Sentence, beside
from sitmail.domain.trust import Power

NO_BUG = Sentence("it needs a bug that is not fixed yet: /bug TITLE reports one, /link bug REF names one")
NO_SUCH_BUG = Sentence("no bug is linked that is not fixed yet; /link bug REF names one")
WHICH = Sentence("which bug? write its number behind it, such as /event bug-fixed BUG-7")
DEFERRED = Sentence("development has it; the customer hears when it is fixed")


def deferred(request: Request) -> bool:
    """Whether this mail leaves the incident to development: it closes it so, or asks the customer to agree."""
    if request.resolved:
        table = request.policy.dictionary.resolutions
        word = request.incident.resolution
        found = entry(table, word) or entry(table, word.partition("/")[0])
        return found is not None and found.closing_status == REPORTED_BUG and not found.needs_incident
    incident, before = request.incident, request.case.incident
    if incident.open or not before.open or incident.closing_status != REPORTED_BUG:
        return False
    known = entry(request.policy.dictionary.resolutions, incident.resolution)
    return known is None or not known.needs_incident


def undeferrable(request: Request) -> str:
    """What it lacks for that, as a sentence; "" if nothing, or if it is not left to development."""
    if not deferred(request):
        return ""
    order = [one.id for one in request.policy.priorities]
    most = request.policy.closing.defer_at_most or order[0]
    names = {one.id: one.name for one in request.policy.priorities}
    lacking = []
    if request.incident.priority not in order[: order.index(most) + 1]:
        now = names.get(request.incident.priority, request.incident.priority)
        lacking.append(
            Sentence(
                "it needs priority '%(most)s' at most, and has '%(priority)s'; /priority %(id)s sets it",
                most=names.get(most, most),
                priority=now,
                id=most,
            )
        )
    if not live_bugs(request):
        lacking.append(NO_BUG)
    if not lacking:
        return ""
    status = Sentence(request.policy.dictionary.closing(REPORTED_BUG))
    return beside(Sentence("closing it as '%(status)s' leaves it to development", status=status), *lacking)


def live_bugs(request: Request) -> bool:
    """Whether a bug is linked that is not fixed, after the lines of this mail."""
    ended = {one.ended.id for one in request.links if one.ended is not None}
    begun = any(one.kind is LinkKind.BUG and one.ended is None for one in request.links)
    return begun or any(one.id not in ended for one in open_bugs(request.case.links))


def bug_fixed(request: Request, argument: str) -> str:
    """`/event bug-fixed [REF] [TEXT]`, also of what is closed: whoever waits for the bug is told."""
    rest = argument.partition(" ")[2].strip()
    found = open_bugs(request.case.links)
    if not found:
        raise ValueError(NO_SUCH_BUG)
    named = next((one for one in found if one.reference and _begins(rest, one.reference)), None)
    if named is None and len(found) > 1:
        raise ValueError(WHICH)
    request.bug_fixed = named or found[0]
    words = rest[len(named.reference) :].strip() if named else rest
    request.said_of_bug = f": {words}" if words else ""
    request.powers.add(Power.ANSWER)
    return Sentence("the bug %(bug)s is fixed", bug=request.bug_fixed.called)


def _begins(text: str, reference: str) -> bool:
    begin, behind = text[: len(reference)], text[len(reference) :][:1]
    return begin.casefold() == reference.casefold() and not (behind.isalnum() or behind in "-_")


def carry_out_fixed(builder: DecisionBuilder, request: Request) -> None:
    """Tells them, and says to its writer who they were."""
    if request.bug_fixed is not None:
        says = tell_fixed(builder, request.case, request.bug_fixed, request.actor, request.said_of_bug)
        request.beside.append(says)
