"""An engineer's answer whose address disagrees with the letter it answers: what he reads when it comes back."""

from __future__ import annotations

from sitmail.domain.engineer.request import Request
from sitmail.domain.mismatch import about_another, answered_instead
from sitmail.domain.sentence import Sentence, beside
from sitmail.domain.trust import COMMAND, address_with
from sitmail.domain.update import LegKind

EITHER = Sentence("write /public on the first line to send it out, or /note to keep it inside")


def misaddressed(request: Request) -> str:
    """Why nothing of the mail is carried out, and what to write instead; "" where it is clear what he wants.

    Only /public says that the address is right.  Words for staff alone stay inside, whichever it was; a command is
    carried out if at least the incident is certain.
    """
    found, policy = request.facts.mismatch, request.policy
    if found is None or request.public:
        return ""
    other = about_another(request.facts)
    leaving = request.leaving_words() or request.unsent  # what a closed incident does not take comes back, too
    if not leaving and not (other and _changes(request)):
        return ""
    here = request.case.incident
    to = f"{policy.reference(here.number)} {here.title}"
    instead = answered_instead(found, policy)
    if request.facts.route.kind == "v":
        came = Sentence(
            "it came to a vendor's reply address of %(incident)s, but %(instead)s, so nothing was sent",
            incident=to,
            instead=instead,
        )
    else:
        came = Sentence(
            "it came to the public reply address of %(incident)s, but %(instead)s, so nothing was sent",
            incident=to,
            instead=instead,
        )
    if other is None:
        return beside(came, EITHER)
    here_meant = Sentence(
        "write /public on the first line if you mean %(incident)s", incident=policy.reference(here.number)
    )
    return beside(came, _or_the_other(request, here_meant))


def _changes(request: Request) -> bool:
    return request.incident != request.case.incident or bool(request.joining or request.leaving)


def _or_the_other(request: Request, here: str) -> str:
    """How to write about either incident; where the letter was about none there is nothing else to offer."""
    found, policy = request.facts.mismatch, request.policy
    if found is None or found.incident is None:
        return here
    note = "/note " if found.leg is LegKind.INTERNAL else ""
    command = address_with(policy.mailbox(found.incident.mailbox), COMMAND)
    number = found.incident.number
    line = Sentence("%(number)s: %(verb)syour words", number=number, verb=note)
    return Sentence(
        '%(here)s, or "%(line)s" to %(address)s if you mean %(incident)s',
        here=here,
        line=line,
        address=command,
        incident=policy.reference(number),
    )
