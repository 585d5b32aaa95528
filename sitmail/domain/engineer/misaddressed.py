"""An engineer's answer whose address disagrees with the letter it answers: what he reads when it comes back."""

from __future__ import annotations

from sitmail.domain.engineer.request import Request
from sitmail.domain.mismatch import about_another, answered_instead
from sitmail.domain.trust import COMMAND, address_with
from sitmail.domain.update import LegKind


def misaddressed(request: Request) -> str:
    """Why nothing of the mail is carried out, and what to write instead; "" where it is clear what he wants.

    Only /public says that the address is right.  Words for staff alone stay inside, whichever it was; a command is
    carried out if at least the incident is certain.
    """
    found, policy = request.facts.mismatch, request.policy
    if found is None or request.public:
        return ""
    other = about_another(request.facts)
    leaving = request.words or request.unsent  # what a closed incident does not take comes back, too
    if not leaving and not (other and _changes(request)):
        return ""
    here = request.case.incident
    to = f"{policy.reference(here.number)} {here.title}"
    which = "the vendor's" if request.facts.route.kind == "v" else "the public"
    came = f"it came to {which} reply address of {to}, but {answered_instead(found, policy)}, so nothing was sent"
    if other is None:
        return f"{came}; write /public on the first line to send it out, or /note to keep it inside"
    return (
        f"{came}; write /public on the first line if you mean {policy.reference(here.number)}{_or_the_other(request)}"
    )


def _changes(request: Request) -> bool:
    return request.incident != request.case.incident or bool(request.joining or request.leaving)


def _or_the_other(request: Request) -> str:
    """How to write about the other incident; there is nothing to offer where the letter was about none."""
    found, policy = request.facts.mismatch, request.policy
    if found is None or found.incident is None:
        return ""
    note = "/note " if found.leg is LegKind.INTERNAL else ""
    command = address_with(policy.mailbox(found.incident.mailbox), COMMAND)
    number = found.incident.number
    return f', or "{number}: {note}your words" to {command} if you mean {policy.reference(number)}'
